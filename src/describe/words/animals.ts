/** Animals. The columns are those of `concepts.ts`. */
export const animals = `
0-397|an animal|animals|ein Tier|Tiere|un animal|des animaux|un animal|animales|動物|匹
101-106,147-299,330-388|a mammal|mammals|ein Säugetier|Säugetiere|un mammifère|des mammifères|un mamífero|mamíferos|哺乳類の動物|頭
0-6,389-397|a fish|fish|einen Fisch|Fische|un poisson|des poissons|un pez|peces|魚|匹
2-4|a shark|sharks|einen Hai|Haie|un requin|des requins|un tiburón|tiburones|サメ|匹
5-6|a ray|rays|einen Rochen|Rochen|une raie|des raies|una raya|rayas|エイ|匹
7-24,80-100,127-146|a bird|birds|einen Vogel|Vögel|un oiseau|des oiseaux|un pájaro|pájaros|鳥|羽
7-8|a chicken|chickens|ein Huhn|Hühner|une volaille|des volailles|una gallina o un gallo|gallinas o gallos|ニワトリ|羽
9|an ostrich|ostriches|einen Strauß (Vogel)|Strauße (Vögel)|une autruche|des autruches|un avestruz|avestruces|ダチョウ|羽
22|an eagle|eagles|einen Adler|Adler|un aigle|des aigles|un águila|águilas|ワシ|羽
24|an owl|owls|eine Eule|Eulen|une chouette|des chouettes|un búho|búhos|フクロウ|羽
84|a peacock|peacocks|einen Pfau|Pfauen|un paon|des paons|un pavo real|pavos reales|クジャク|羽
87-90|a parrot|parrots|einen Papagei|Papageien|un perroquet|des perroquets|un loro|loros|オウムかインコ|羽
94|a hummingbird|hummingbirds|einen Kolibri|Kolibris|un colibri|des colibris|un colibrí|colibríes|ハチドリ|羽
96|a toucan|toucans|einen Tukan|Tukane|un toucan|des toucans|un tucán|tucanes|オオハシ|羽
97-98|a duck|ducks|eine Ente|Enten|un canard|des canards|un pato|patos|カモ|羽
99|a goose|geese|eine Gans|Gänse|une oie|des oies|un ganso|gansos|ガチョウ|羽
100|a swan|swans|einen Schwan|Schwäne|un cygne|des cygnes|un cisne|cisnes|ハクチョウ|羽
127-128|a stork|storks|einen Storch|Störche|une cigogne|des cigognes|una cigüeña|cigüeñas|コウノトリ|羽
130|a flamingo|flamingos|einen Flamingo|Flamingos|un flamant|des flamants|un flamenco|flamencos|フラミンゴ|羽
131-133|a heron|herons|einen Reiher|Reiher|un héron|des hérons|una garza|garzas|サギ|羽
144|a pelican|pelicans|einen Pelikan|Pelikane|un pélican|des pélicans|un pelícano|pelícanos|ペリカン|羽
145|a penguin|penguins|einen Pinguin|Pinguine|un manchot|des manchots|un pingüino|pingüinos|ペンギン|羽
25-29|a salamander|salamanders|einen Salamander|Salamander|une salamandre|des salamandres|una salamandra|salamandras|サンショウウオ|匹
30-32|a frog|frogs|einen Frosch|Frösche|une grenouille|des grenouilles|una rana|ranas|カエル|匹
33-68|a reptile|reptiles|ein Reptil|Reptilien|un reptile|des reptiles|un reptil|reptiles|爬虫類の動物|匹
33-37|a turtle|turtles|eine Schildkröte|Schildkröten|une tortue|des tortues|una tortuga|tortugas|カメ|匹
38-48|a lizard|lizards|eine Echse|Echsen|un lézard|des lézards|un lagarto|lagartos|トカゲ|匹
52-68|a snake|snakes|eine Schlange|Schlangen|un serpent|des serpents|una serpiente|serpientes|ヘビ|匹
72-77|a spider|spiders|eine Spinne|Spinnen|une araignée|des araignées|una araña|arañas|クモ|匹
71|a scorpion|scorpions|einen Skorpion|Skorpione|un scorpion|des scorpions|un escorpión|escorpiones|サソリ|匹
300-326|an insect|insects|ein Insekt|Insekten|un insecte|des insectes|un insecto|insectos|昆虫|匹
300-307|a beetle|beetles|einen Käfer|Käfer|un coléoptère|des coléoptères|un escarabajo|escarabajos|甲虫|匹
309|a bee|bees|eine Biene|Bienen|une abeille|des abeilles|una abeja|abejas|ハチ|匹
310|an ant|ants|eine Ameise|Ameisen|une fourmi|des fourmis|una hormiga|hormigas|アリ|匹
319-320|a dragonfly or damselfly|dragonflies or damselflies|eine Libelle|Libellen|une libellule|des libellules|una libélula|libélulas|トンボ|匹
321-326|a butterfly|butterflies|einen Schmetterling|Schmetterlinge|un papillon|des papillons|una mariposa|mariposas|チョウ|匹
107|a jellyfish|jellyfish|eine Qualle|Quallen|une méduse|des méduses|una medusa|medusas|クラゲ|匹
113|a snail|snails|eine Schnecke|Schnecken|un escargot|des escargots|un caracol|caracoles|カタツムリ|匹
118-121|a crab|crabs|eine Krabbe|Krabben|un crabe|des crabes|un cangrejo|cangrejos|カニ|匹
327|a starfish|starfish|einen Seestern|Seesterne|une étoile de mer|des étoiles de mer|una estrella de mar|estrellas de mar|ヒトデ|匹
328|a sea urchin|sea urchins|einen Seeigel|Seeigel|un oursin|des oursins|un erizo de mar|erizos de mar|ウニ|匹
105|a koala|koalas|einen Koala|Koalas|un koala|des koalas|un koala|koalas|コアラ|頭
147-148|a whale|whales|einen Wal|Wale|une baleine ou une orque|des baleines ou des orques|una ballena o una orca|ballenas u orcas|クジラかシャチ|頭
151-268|a dog|dogs|einen Hund|Hunde|un chien|des chiens|un perro|perros|犬|匹
269-272|a wolf or coyote|wolves or coyotes|einen Wolf oder Kojoten|Wölfe oder Kojoten|un loup ou un coyote|des loups ou des coyotes|un lobo o un coyote|lobos o coyotes|オオカミかコヨーテ|頭
277-280|a fox|foxes|einen Fuchs|Füchse|un renard|des renards|un zorro|zorros|キツネ|匹
281-285|a cat|cats|eine Katze|Katzen|un chat|des chats|un gato|gatos|猫|匹
288-293|a big cat|big cats|eine große Raubkatze|große Raubkatzen|un grand félin|des grands félins|un gran felino|grandes felinos|大型のネコ科動物|頭
291|a lion|lions|einen Löwen|Löwen|un lion|des lions|un león|leones|ライオン|頭
292|a tiger|tigers|einen Tiger|Tiger|un tigre|des tigres|un tigre|tigres|トラ|頭
294-297|a bear|bears|einen Bären|Bären|un ours|des ours|un oso|osos|クマ|頭
330-332|a rabbit or hare|rabbits or hares|einen Hasen oder ein Kaninchen|Hasen oder Kaninchen|un lapin ou un lièvre|des lapins ou des lièvres|un conejo o una liebre|conejos o liebres|ウサギ|羽
333-338|a rodent|rodents|ein Nagetier|Nagetiere|un rongeur|des rongeurs|un roedor|roedores|げっ歯類の動物|匹
335|a squirrel|squirrels|ein Eichhörnchen|Eichhörnchen|un écureuil|des écureuils|una ardilla|ardillas|リス|匹
339-355|a hoofed animal|hoofed animals|ein Huftier|Huftiere|un animal à sabots|des animaux à sabots|un animal con pezuñas|animales con pezuñas|ひづめのある動物|頭
339|a horse|horses|ein Pferd|Pferde|un cheval|des chevaux|un caballo|caballos|馬|頭
340|a zebra|zebras|ein Zebra|Zebras|un zèbre|des zèbres|una cebra|cebras|シマウマ|頭
341-343|a pig or boar|pigs or boars|ein Schwein|Schweine|un cochon ou un sanglier|des cochons ou des sangliers|un cerdo o un jabalí|cerdos o jabalíes|ブタかイノシシ|頭
344|a hippopotamus|hippopotamuses|ein Nilpferd|Nilpferde|un hippopotame|des hippopotames|un hipopótamo|hipopótamos|カバ|頭
345-347|a buffalo, bison or ox|buffaloes, bison or oxen|einen Büffel, Bison oder Ochsen|Büffel, Bisons oder Ochsen|un buffle, un bison ou un bœuf|des buffles, des bisons ou des bœufs|un búfalo, un bisonte o un buey|búfalos, bisontes o bueyes|ウシの仲間|頭
351-353|an antelope|antelopes|eine Antilope|Antilopen|une antilope|des antilopes|un antílope|antílopes|レイヨウ|頭
354|a camel|camels|ein Kamel|Kamele|un chameau|des chameaux|un camello|camellos|ラクダ|頭
360|an otter|otters|einen Otter|Otter|une loutre|des loutres|una nutria|nutrias|カワウソ|匹
365-384|a primate|primates|einen Primaten|Primaten|un primate|des primates|un primate|primates|霊長類の動物|匹
365-369|an ape|apes|einen Menschenaffen|Menschenaffen|un grand singe|des grands singes|un simio|simios|類人猿|頭
370-382|a monkey|monkeys|einen Affen|Affen|un singe|des singes|un mono|monos|サル|匹
101,385-386|an elephant|elephants|einen Elefanten|Elefanten|un éléphant|des éléphants|un elefante|elefantes|ゾウ|頭
388|a giant panda|giant pandas|einen Großen Panda|Große Pandas|un panda géant|des pandas géants|un panda gigante|pandas gigantes|ジャイアントパンダ|頭
`;
