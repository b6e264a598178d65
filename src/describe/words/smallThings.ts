/** Things for the hand and the desk. The columns are those of `concepts.ts`. */
export const smallThings = `
418,563|a pen|pens|einen Kugelschreiber oder Füller|Kugelschreiber oder Füller|un stylo|des stylos|un bolígrafo o una pluma|bolígrafos o plumas|ペン|本
709-710|school supplies||Schulsachen||des fournitures scolaires||material escolar||文房具|
398|an abacus|abacuses|einen Abakus|Abakusse|un boulier|des bouliers|un ábaco|ábacos|そろばん|個
447|binoculars||ein Fernglas||des jumelles||unos prismáticos||双眼鏡|
462|a broom|brooms|einen Besen|Besen|un balai|des balais|una escoba|escobas|ほうき|本
463|a bucket|buckets|einen Eimer|Eimer|un seau|des seaux|un cubo|cubos|バケツ|個
531|a digital watch|digital watches|eine Digitaluhr|Digitaluhren|une montre numérique|des montres numériques|un reloj digital|relojes digitales|デジタル腕時計|本
549|an envelope|envelopes|einen Briefumschlag|Briefumschläge|une enveloppe|des enveloppes|un sobre|sobres|封筒|枚
604|an hourglass|hourglasses|eine Sanduhr|Sanduhren|un sablier|des sabliers|un reloj de arena|relojes de arena|砂時計|個
611|a jigsaw puzzle|jigsaw puzzles|ein Puzzle|Puzzles|un puzzle|des puzzles|un rompecabezas|rompecabezas|ジグソーパズル|個
635|a compass|compasses|einen Kompass|Kompasse|une boussole|des boussoles|una brújula|brújulas|方位磁石|個
673|a computer mouse|computer mice|eine Computermaus|Computermäuse|une souris d’ordinateur|des souris d’ordinateur|un ratón de ordenador|ratones de ordenador|マウス|個
695|a padlock|padlocks|ein Vorhängeschloss|Vorhängeschlösser|un cadenas|des cadenas|un candado|candados|南京錠|個
712|a Petri dish|Petri dishes|eine Petrischale|Petrischalen|une boîte de Petri|des boîtes de Petri|una placa de Petri|placas de Petri|ペトリ皿|枚
719|a piggy bank|piggy banks|ein Sparschwein|Sparschweine|une tirelire|des tirelires|una hucha|huchas|貯金箱|個
721|a pillow|pillows|ein Kissen|Kissen|un oreiller|des oreillers|una almohada|almohadas|枕|個
742|a printer|printers|einen Drucker|Drucker|une imprimante|des imprimantes|una impresora|impresoras|プリンター|台
761|a remote control|remote controls|eine Fernbedienung|Fernbedienungen|une télécommande|des télécommandes|un mando a distancia|mandos a distancia|リモコン|個
778|a scale|scales|eine Waage|Waagen|une balance|des balances|una balanza|balanzas|はかり|台
786|a sewing machine|sewing machines|eine Nähmaschine|Nähmaschinen|une machine à coudre|des machines à coudre|una máquina de coser|máquinas de coser|ミシン|台
815|a spider web|spider webs|ein Spinnennetz|Spinnennetze|une toile d’araignée|des toiles d’araignée|una telaraña|telarañas|クモの巣|
816|a spindle|spindles|eine Spindel|Spindeln|un fuseau|des fuseaux|un huso|husos|紡錘|本
823|a stethoscope|stethoscopes|ein Stethoskop|Stethoskope|un stéthoscope|des stéthoscopes|un estetoscopio|estetoscopios|聴診器|本
835|a sundial|sundials|eine Sonnenuhr|Sonnenuhren|un cadran solaire|des cadrans solaires|un reloj de sol|relojes de sol|日時計|台
845|a syringe|syringes|eine Spritze|Spritzen|une seringue|des seringues|una jeringa|jeringas|注射器|本
893|a wallet|wallets|ein Portemonnaie|Portemonnaies|un portefeuille|des portefeuilles|una cartera|carteras|財布|個
902|a whistle|whistles|eine Pfeife|Pfeifen|un sifflet|des sifflets|un silbato|silbatos|笛|個
904-905|a window screen or shade|window screens or shades|ein Fliegengitter oder Rollo|Fliegengitter oder Rollos|une moustiquaire ou un store|des moustiquaires ou des stores|una mosquitera o persiana|mosquiteras o persianas|網戸かブラインド|枚
910|a wooden spoon|wooden spoons|einen Holzlöffel|Holzlöffel|une cuillère en bois|des cuillères en bois|una cuchara de madera|cucharas de madera|木のスプーン|本
918|a crossword puzzle|crossword puzzles|ein Kreuzworträtsel|Kreuzworträtsel|des mots croisés||un crucigrama|crucigramas|クロスワードパズル|
922|a menu|menus|eine Speisekarte|Speisekarten|un menu|des menus|una carta de restaurante|cartas de restaurante|メニュー|枚
999|toilet paper||Toilettenpapier||du papier toilette||papel higiénico||トイレットペーパー|
`;
