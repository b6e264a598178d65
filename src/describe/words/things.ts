/** Instruments, furniture, devices and tools. The columns are those of `concepts.ts`. */
export const things = `
401-402,420,432,486,494,513,541,546,558,566,577,579,593-594,641-642,683-684,687,699,776,822,875,881,889|a musical instrument|musical instruments|ein Musikinstrument|Musikinstrumente|un instrument de musique|des instruments de musique|un instrumento musical|instrumentos musicales|楽器|点
402,546|a guitar|guitars|eine Gitarre|Gitarren|une guitare|des guitares|una guitarra|guitarras|ギター|本
579,881|a piano|pianos|ein Klavier|Klaviere|un piano|des pianos|un piano|pianos|ピアノ|台
541|a drum|drums|eine Trommel|Trommeln|un tambour|des tambours|un tambor|tambores|太鼓|台
776|a saxophone|saxophones|ein Saxofon|Saxofone|un saxophone|des saxophones|un saxofón|saxofones|サックス|本
889|a violin|violins|eine Geige|Geigen|un violon|des violons|un violín|violines|バイオリン|挺
423,431,453,493,495,516,520,526,532,548,553,559,564,648,703,736,765,831,857,894|a piece of furniture|pieces of furniture|ein Möbelstück|Möbelstücke|un meuble|des meubles|un mueble|muebles|家具|点
423,559,765,857|a chair|chairs|einen Stuhl|Stühle|un fauteuil ou une chaise|des fauteuils ou des chaises|una silla|sillas|椅子|脚
532|a dining table|dining tables|einen Esstisch|Esstische|une table à manger|des tables à manger|una mesa de comedor|mesas de comedor|食卓|台
736|a pool table|pool tables|einen Billardtisch|Billardtische|une table de billard|des tables de billard|una mesa de billar|mesas de billar|ビリヤード台|台
431,516,520,564|a bed|beds|ein Bett|Betten|un lit|des lits|una cama|camas|ベッド|台
431,516,520|a baby bed|baby beds|ein Babybett|Babybetten|un lit de bébé|des lits de bébé|una cuna|cunas|ベビーベッド|台
831|a sofa|sofas|ein Sofa|Sofas|un canapé|des canapés|un sofá|sofás|ソファ|台
619,846|a lamp|lamps|eine Lampe|Lampen|une lampe|des lampes|una lámpara|lámparas|照明|台
435,876|a bathtub|bathtubs|eine Badewanne|Badewannen|une baignoire|des baignoires|una bañera|bañeras|浴槽|台
896|a washbasin|washbasins|ein Waschbecken|Waschbecken|un lavabo|des lavabos|un lavabo|lavabos|洗面台|台
861|a toilet|toilets|eine Toilette|Toiletten|des toilettes||un inodoro|inodoros|トイレ|
527,590,620,681|a computer|computers|einen Computer|Computer|un ordinateur|des ordinateurs|un ordenador|ordenadores|コンピューター|台
664,782,851|a screen|screens|einen Bildschirm|Bildschirme|un écran|des écrans|una pantalla|pantallas|画面|台
487,528,707|a telephone|telephones|ein Telefon|Telefone|un téléphone|des téléphones|un teléfono|teléfonos|電話|台
508,878|a keyboard|keyboards|eine Tastatur|Tastaturen|un clavier|des claviers|un teclado|teclados|キーボード|台
732,759|a camera|cameras|eine Kamera|Kameras|un appareil photo|des appareils photo|una cámara|cámaras|カメラ|台
409,530,892|a clock|clocks|eine Uhr|Uhren|une horloge|des horloges|un reloj|relojes|時計|台
632|a loudspeaker|loudspeakers|einen Lautsprecher|Lautsprecher|un haut-parleur|des haut-parleurs|un altavoz|altavoces|スピーカー|台
650|a microphone|microphones|ein Mikrofon|Mikrofone|un microphone|des microphones|un micrófono|micrófonos|マイク|本
688|an oscilloscope|oscilloscopes|ein Oszilloskop|Oszilloskope|un oscilloscope|des oscilloscopes|un osciloscopio|osciloscopios|オシロスコープ|台
592|a hard disk|hard disks|eine Festplatte|Festplatten|un disque dur|des disques durs|un disco duro|discos duros|ハードディスク|台
848,482,485,632,662,754|audio equipment||Audiogeräte||du matériel audio||un equipo de sonido||オーディオ機器|
886|a vending machine|vending machines|einen Verkaufsautomaten|Verkaufsautomaten|un distributeur automatique|des distributeurs automatiques|una máquina expendedora|máquinas expendedoras|自動販売機|台
480|a cash machine|cash machines|einen Geldautomaten|Geldautomaten|un distributeur de billets|des distributeurs de billets|un cajero automático|cajeros automáticos|現金自動預け払い機|台
800|a slot machine|slot machines|einen Spielautomaten|Spielautomaten|une machine à sous|des machines à sous|una máquina tragaperras|máquinas tragaperras|スロットマシン|台
534,545,550,589,606,651,760,766,811,827,859,882,891,897|a household appliance|household appliances|ein Haushaltsgerät|Haushaltsgeräte|un appareil ménager|des appareils ménagers|un electrodoméstico|electrodomésticos|家電製品|台
760|a refrigerator|refrigerators|einen Kühlschrank|Kühlschränke|un réfrigérateur|des réfrigérateurs|un frigorífico|frigoríficos|冷蔵庫|台
897|a washing machine|washing machines|eine Waschmaschine|Waschmaschinen|un lave-linge|des lave-linges|una lavadora|lavadoras|洗濯機|台
504,968|a cup|cups|eine Tasse|Tassen|une tasse|des tasses|una taza|tazas|カップ|個
441,572|a glass|glasses|ein Trinkglas|Trinkgläser|un verre|des verres|un vaso|vasos|グラス|個
440,720,737,898,907|a bottle|bottles|eine Flasche|Flaschen|une bouteille|des bouteilles|una botella|botellas|瓶かボトル|本
469,505,521,544,849|a pot|pots|einen Topf oder eine Kanne|Töpfe oder Kannen|un pot ou une marmite|des pots ou des marmites|una olla o jarra|ollas o jarras|鍋かポット|個
849|a teapot|teapots|eine Teekanne|Teekannen|une théière|des théières|una tetera|teteras|ティーポット|個
567,909|a frying pan|frying pans|eine Pfanne|Pfannen|une poêle|des poêles|una sartén|sartenes|フライパン|個
659,809|a bowl|bowls|eine Schüssel|Schüsseln|un bol|des bols|un cuenco|cuencos|ボウル|個
883|a vase|vases|eine Vase|Vasen|un vase|des vases|un jarrón|jarrones|花瓶|個
588,790|a basket|baskets|einen Korb|Körbe|un panier|des paniers|una cesta|cestas|かご|個
414,636,728,748|a bag|bags|eine Tasche|Taschen|un sac|des sacs|un bolso o una bolsa|bolsos o bolsas|かばんか袋|個
414|a backpack|backpacks|einen Rucksack|Rucksäcke|un sac à dos|des sacs à dos|una mochila|mochilas|リュックサック|個
427,756|a barrel|barrels|ein Fass|Fässer|un tonneau|des tonneaux|un barril|barriles|樽|個
470|a candle|candles|eine Kerze|Kerzen|une bougie|des bougies|una vela|velas|ろうそく|本
473,491,499,512,587,596,621,726,731,740,783-784,792|a tool|tools|ein Werkzeug|Werkzeuge|un outil|des outils|una herramienta|herramientas|道具|点
512|a corkscrew|corkscrews|einen Korkenzieher|Korkenzieher|un tire-bouchon|des tire-bouchons|un sacacorchos|sacacorchos|コルク抜き|本
587|a hammer|hammers|einen Hammer|Hämmer|un marteau|des marteaux|un martillo|martillos|ハンマー|本
784|a screwdriver|screwdrivers|einen Schraubendreher|Schraubendreher|un tournevis|des tournevis|un destornillador|destornilladores|ドライバー|本
792|a shovel|shovels|eine Schaufel|Schaufeln|une pelle|des pelles|una pala|palas|シャベル|本
696|a paintbrush|paintbrushes|einen Pinsel|Pinsel|un pinceau|des pinceaux|un pincel|pinceles|絵筆|本
872|a tripod|tripods|ein Stativ|Stative|un trépied|des trépieds|un trípode|trípodes|三脚|台
488|a chain|chains|eine Kette|Ketten|une chaîne|des chaînes|una cadena|cadenas|鎖|本
616|a knot|knots|einen Knoten|Knoten|un nœud|des nœuds|un nudo|nudos|結び目|個
456|a bow|bows|einen Bogen|Bogen|un arc|des arcs|un arco|arcos|弓|張り
413,471,657,744,763-764|a weapon|weapons|eine Waffe|Waffen|une arme|des armes|un arma|armas|武器|点
413,763-764|a gun|guns|eine Schusswaffe|Schusswaffen|une arme à feu|des armes à feu|un arma de fuego|armas de fuego|銃|丁
`;
