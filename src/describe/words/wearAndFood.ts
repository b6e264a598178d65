/** What people wear, eat and play with, and plants. The columns are those of `concepts.ts`. */
export const wearAndFood = `
399-400,411,433,445,451-452,457,459,465,474,490,501,515,529,552,568,578,601,608,610,614-615,617,638-639,652,655,658,667,689,697,735,775,793,796,806,808,824,834,841-842,869,887,906|clothing||Kleidung||des vêtements||ropa||衣類|
452,515,808,439|a hat|hats|einen Hut|Hüte|un chapeau|des chapeaux|un sombrero|sombreros|帽子|個
518,560,715|a helmet|helmets|einen Helm|Helme|un casque|des casques|un casco|cascos|ヘルメット|個
502,514,630,770,774|a shoe|shoes|einen Schuh|Schuhe|une chaussure|des chaussures|un zapato|zapatos|靴|足
451,457,906|a necktie|neckties|eine Krawatte oder Fliege|Krawatten oder Fliegen|une cravate ou un nœud papillon|des cravates ou des nœuds papillon|una corbata|corbatas|ネクタイ|本
568,617,735,869|a coat|coats|einen Mantel|Mäntel|un manteau|des manteaux|un abrigo|abrigos|コート|着
445,638-639,842|swimwear||Badekleidung||un maillot de bain||un traje de baño||水着|
608|jeans||Jeans||un jean||unos vaqueros||ジーンズ|
836-837|sunglasses||eine Sonnenbrille||des lunettes de soleil||unas gafas de sol||サングラス|
400,667|academic dress||akademische Tracht||une tenue universitaire||un traje académico||アカデミックドレス|
496|a Christmas stocking|Christmas stockings|einen Nikolausstrumpf|Nikolausstrümpfe|une chaussette de Noël|des chaussettes de Noël|un calcetín de Navidad|calcetines de Navidad|クリスマスの靴下|足
584|a hair clip|hair clips|eine Haarspange|Haarspangen|une barrette|des barrettes|un pasador para el pelo|pasadores para el pelo|ヘアピン|個
464|a buckle|buckles|eine Schnalle|Schnallen|une boucle de ceinture|des boucles de ceinture|una hebilla|hebillas|バックル|個
552|a feather boa|feather boas|eine Federboa|Federboas|un boa de plumes|des boas de plumes|una boa de plumas|boas de plumas|羽のボア|本
643|a mask|masks|eine Maske|Masken|un masque|des masques|una máscara|máscaras|仮面|枚
679|a necklace|necklaces|eine Halskette|Halsketten|un collier|des colliers|un collar|collares|ネックレス|本
879|an umbrella|umbrellas|einen Schirm|Schirme|un parapluie|des parapluies|un paraguas|paraguas|傘|本
850|a teddy bear|teddy bears|einen Teddybären|Teddybären|un ours en peluche|des ours en peluche|un oso de peluche|osos de peluche|ぬいぐるみ|個
429-430,522,574,722,768,805,852,890|a ball|balls|einen Ball|Bälle|une balle ou un ballon|des balles ou des ballons|una pelota|pelotas|ボール|個
416,422,429-430,522,543,574,602,702,722,746-747,752,768,795,805,852,890|sports equipment||Sportgeräte||du matériel de sport||material deportivo||スポーツ用品|
752|a racket|rackets|einen Schläger|Schläger|une raquette|des raquettes|una raqueta|raquetas|ラケット|本
768|a rugby ball|rugby balls|einen Rugbyball|Rugbybälle|un ballon de rugby|des ballons de rugby|un balón de rugby|balones de rugby|ラグビーボール|個
917,921|a book|books|ein Buch|Bücher|un livre|des livres|un libro|libros|本|冊
923-957,959-965|food||etwas zu essen||de la nourriture||comida||食べ物|
948-957|a fruit|fruits|eine Frucht|Früchte|un fruit|des fruits|una fruta|frutas|果物|個
948|an apple|apples|einen Apfel|Äpfel|une pomme|des pommes|una manzana|manzanas|リンゴ|個
949|a strawberry|strawberries|eine Erdbeere|Erdbeeren|une fraise|des fraises|una fresa|fresas|イチゴ|個
950|an orange|oranges|eine Orange|Orangen|une orange|des oranges|una naranja|naranjas|オレンジ|個
951|a lemon|lemons|eine Zitrone|Zitronen|un citron|des citrons|un limón|limones|レモン|個
952|a fig|figs|eine Feige|Feigen|une figue|des figues|un higo|higos|イチジク|個
953|a pineapple|pineapples|eine Ananas|Ananas|un ananas|des ananas|una piña|piñas|パイナップル|個
954|a banana|bananas|eine Banane|Bananen|une banane|des bananes|un plátano|plátanos|バナナ|本
936-946|a vegetable|vegetables|ein Gemüse|Gemüse|un légume|des légumes|una verdura|verduras|野菜|個
936|a cabbage|cabbages|einen Kohlkopf|Kohlköpfe|un chou|des choux|una col|coles|キャベツ|個
944|an artichoke|artichokes|eine Artischocke|Artischocken|un artichaut|des artichauts|una alcachofa|alcachofas|アーティチョーク|個
945|a bell pepper|bell peppers|eine Paprika|Paprikas|un poivron|des poivrons|un pimiento|pimientos|ピーマン|個
930-932|bread||Brot||du pain||pan||パン|
963|a pizza|pizzas|eine Pizza|Pizzas|une pizza|des pizzas|una pizza|pizzas|ピザ|枚
933|a hamburger|hamburgers|einen Hamburger|Hamburger|un hamburger|des hamburgers|una hamburguesa|hamburguesas|ハンバーガー|個
927-929|a dessert|desserts|eine Nachspeise|Nachspeisen|un dessert|des desserts|un postre|postres|デザート|品
928|ice cream||Eis||de la glace||helado||アイスクリーム|
966-967,969|a drink|drinks|ein Getränk|Getränke|une boisson|des boissons|una bebida|bebidas|飲み物|杯
947,991-997|a mushroom|mushrooms|einen Pilz|Pilze|un champignon|des champignons|una seta|setas|キノコ|本
985-986|a flower|flowers|eine Blume|Blumen|une fleur|des fleurs|una flor|flores|花|輪
984|rapeseed in bloom||blühender Raps||du colza en fleur||colza en flor||菜の花|
987,998|corn||Mais||du maïs||maíz||トウモロコシ|
`;
