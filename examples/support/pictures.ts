// Pictures as PNG files, as the command draws them.
export { enlarge, filterPictures, type Picture, pictureFrom, sheet, toPng } from '../../cli/pictures.js';
