import { ImageIndex } from '../../src/search/index.js';
import { drawnPicture } from '../../testing/drawnPicture.js';

// Adds photographs to the index at a path until it is killed, and prints how many there are after each.

const index = await ImageIndex.open(process.argv[2]);
for (let i = index.size; ; i++) {
  await index.add({ id: `photo ${i}`, photo: drawnPicture(24, 20, i), metadata: { padding: 'x'.repeat(2000) } });
  process.stdout.write(`${index.size}\n`);
}
