// The public names of stridenet/describe: from labels to a sentence for people who don't see the picture.
export { type AlternativeText, type AlternativeTextOptions, alternativeText } from './alternativeText.js';
export type { Claim } from './claims.js';
export { LANGUAGES as describedLanguages } from './concepts.js';
export { type AltChange, type ImageWithoutText, imagesWithoutText, type PageImages, withAltTexts } from './html.js';
export type { Regions } from './regions.js';
export { type CountedConcept, type DescribeConceptsOptions, describeConcepts } from './sentence.js';
