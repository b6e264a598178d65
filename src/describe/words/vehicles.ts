/** Vehicles, roads and buildings. The columns are those of `concepts.ts`. */
export const vehicles = `
403-405,407-408,417,428,436,444,450,468,472,484,510-511,537,547,554-555,561,565,569,573,575-576,586,603,609,612,625,627-628,656,660-661,665,670-671,675,690,705,717,724,734,751,757,780,802-803,812,814,817,820,829,833,847,864,866-867,870-871,874,880,895,913-914,466,654,779,595,730,856|a vehicle|vehicles|ein Fahrzeug|Fahrzeuge|un véhicule|des véhicules|un vehículo|vehículos|乗り物|台
436,468,511,609,627,656,661,751,817|a car|cars|ein Auto|Autos|une voiture|des voitures|un coche|coches|自動車|台
407|an ambulance|ambulances|einen Krankenwagen|Krankenwagen|une ambulance|des ambulances|una ambulancia|ambulancias|救急車|台
555,569,675,717,864,867|a truck|trucks|einen Lastwagen|Lastwagen|un camion|des camions|un camión|camiones|トラック|台
654,779,874|a bus|buses|einen Bus|Busse|un autobus|des autobus|un autobús|autobuses|バス|台
444,671|a bicycle|bicycles|ein Fahrrad|Fahrräder|un vélo|des vélos|una bicicleta|bicicletas|自転車|台
880|a unicycle|unicycles|ein Einrad|Einräder|un monocycle|des monocycles|un monociclo|monociclos|一輪車|台
665,670|a motor scooter|motor scooters|einen Motorroller|Motorroller|un scooter|des scooters|una moto|motos|スクーター|台
866|a tractor|tractors|einen Traktor|Traktoren|un tracteur|des tracteurs|un tractor|tractores|トラクター|台
595,730,856,866|a farm machine|farm machines|eine Landmaschine|Landmaschinen|une machine agricole|des machines agricoles|una máquina agrícola|máquinas agrícolas|農業機械|台
466,547,565,705,820|a train|trains|einen Zug|Züge|un train|des trains|un tren|trenes|列車|両
829|a streetcar|streetcars|eine Straßenbahn|Straßenbahnen|un tramway|des tramways|un tranvía|tranvías|路面電車|両
847|a tank|tanks|einen Panzer|Panzer|un char d’assaut|des chars d’assaut|un tanque militar|tanques militares|戦車|両
404,895|an airplane|airplanes|ein Flugzeug|Flugzeuge|un avion|des avions|un avión|aviones|飛行機|機
404-405,417,895|an aircraft|aircraft|ein Luftfahrzeug|Luftfahrzeuge|un aéronef|des aéronefs|una aeronave|aeronaves|航空機|機
417|a hot-air balloon|hot-air balloons|einen Heißluftballon|Heißluftballons|une montgolfière|des montgolfières|un globo aerostático|globos aerostáticos|気球|機
403,472,484,510,554,576,625,628,724,780,814,833,871,913-914|a boat or ship|boats or ships|ein Boot oder Schiff|Boote oder Schiffe|un bateau|des bateaux|un barco|barcos|船|隻
484,780,871,914|a sailboat|sailboats|ein Segelboot|Segelboote|un voilier|des voiliers|un velero|veleros|帆船|隻
472|a canoe|canoes|ein Kanu|Kanus|un canoë|des canoës|una canoa|canoas|カヌー|艇
576|a gondola|gondolas|eine Gondel|Gondeln|une gondole|des gondoles|una góndola|góndolas|ゴンドラ|艘
919|a street sign|street signs|ein Straßenschild|Straßenschilder|un panneau de rue|des panneaux de rue|una señal de tráfico|señales de tráfico|道路標識|枚
920|a traffic light|traffic lights|eine Ampel|Ampeln|un feu de circulation|des feux de circulation|un semáforo|semáforos|信号機|基
704|a parking meter|parking meters|eine Parkuhr|Parkuhren|un parcmètre|des parcmètres|un parquímetro|parquímetros|パーキングメーター|台
640|a manhole cover|manhole covers|einen Kanaldeckel|Kanaldeckel|une plaque d’égout|des plaques d’égout|una tapa de alcantarilla|tapas de alcantarilla|マンホールのふた|枚
425,437,442,449,483,497-498,580,663,668,698,727,832|a building|buildings|ein Gebäude|Gebäude|un bâtiment|des bâtiments|un edificio|edificios|建物|棟
497|a church|churches|eine Kirche|Kirchen|une église|des églises|una iglesia|iglesias|教会|棟
668|a mosque|mosques|eine Moschee|Moscheen|une mosquée|des mosquées|una mezquita|mezquitas|モスク|棟
832|a stupa|stupas|eine Stupa|Stupas|un stupa|des stupas|una estupa|estupas|仏塔|基
437|a lighthouse|lighthouses|einen Leuchtturm|Leuchttürme|un phare|des phares|un faro|faros|灯台|基
483|a castle|castles|eine Burg|Burgen|un château|des châteaux|un castillo|castillos|城|棟
415,424,454,467,509,582,788,860,865|a shop|shops|ein Geschäft|Geschäfte|un magasin|des magasins|una tienda|tiendas|店|軒
453-454,624|shelves of books||Bücherregale||des étagères de livres||estanterías con libros||本棚|
821,839,888|a bridge|bridges|eine Brücke|Brücken|un pont|des ponts|un puente|puentes|橋|本
489,716,912|a fence|fences|einen Zaun|Zäune|une clôture|des clôtures|una valla|vallas|柵|
825|a stone wall|stone walls|eine Steinmauer|Steinmauern|un mur de pierre|des murs de pierre|un muro de piedra|muros de piedra|石垣|
562|a fountain|fountains|einen Brunnen|Brunnen|une fontaine|des fontaines|una fuente|fuentes|噴水|基
536,718|a dock or pier|docks or piers|einen Anleger|Anleger|un quai|des quais|un muelle|muelles|桟橋|本
672|a tent|tents|ein Zelt|Zelte|une tente|des tentes|una tienda de campaña|tiendas de campaña|テント|張り
448|a birdhouse|birdhouses|ein Vogelhaus|Vogelhäuser|un nichoir|des nichoirs|una casita para pájaros|casitas para pájaros|巣箱|個
637|a mailbox|mailboxes|einen Briefkasten|Briefkästen|une boîte aux lettres|des boîtes aux lettres|un buzón|buzones|郵便受け|個
843|a swing|swings|eine Schaukel|Schaukeln|une balançoire|des balançoires|un columpio|columpios|ブランコ|台
970,972,974-980|a landscape|landscapes|eine Landschaft|Landschaften|un paysage|des paysages|un paisaje|paisajes|風景|
970,980|a mountain|mountains|einen Berg|Berge|une montagne|des montagnes|una montaña|montañas|山|
980|a volcano|volcanoes|einen Vulkan|Vulkane|un volcan|des volcans|un volcán|volcanes|火山|
972,976-978|a coast|coasts|eine Küste|Küsten|une côte|des côtes|una costa|costas|海岸|
973|a coral reef|coral reefs|ein Korallenriff|Korallenriffe|un récif de corail|des récifs de corail|un arrecife de coral|arrecifes de coral|サンゴ礁|
981-983|a person|people|einen Menschen|Menschen|une personne|des personnes|una persona|personas|人|人
863|a totem pole|totem poles|einen Totempfahl|Totempfähle|un totem|des totems|un tótem|tótems|トーテムポール|本
525|a dam|dams|eine Staumauer|Staumauern|un barrage|des barrages|una presa|presas|ダム|基
476|a carousel|carousels|ein Karussell|Karussells|un manège|des manèges|un tiovivo|tiovivos|メリーゴーラウンド|台
873|a triumphal arch|triumphal arches|einen Triumphbogen|Triumphbögen|un arc de triomphe|des arcs de triomphe|un arco de triunfo|arcos de triunfo|凱旋門|基
682|an obelisk|obelisks|einen Obelisken|Obelisken|un obélisque|des obélisques|un obelisco|obeliscos|オベリスク|基
819,854|a stage|stages|eine Bühne|Bühnen|une scène de théâtre|des scènes de théâtre|un escenario|escenarios|舞台|
915|a yurt|yurts|eine Jurte|Jurten|une yourte|des yourtes|una yurta|yurtas|ゲル|張り
479|a car wheel|car wheels|ein Autorad|Autoräder|une roue de voiture|des roues de voiture|una rueda de coche|ruedas de coche|車輪|本
`;
