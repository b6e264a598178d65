import type { Flag } from '../flags.js';

/** What `stridenet train FOLDER` is told for a folder of photographs, besides the flags that training on CIFAR-10 has too. */
export interface PhotoSettings {
  backbone?: string | undefined;
  architecture?: string | undefined;
  fineTune?: 'last' | 'all' | undefined;
  labels?: string | undefined;
  kind?: 'one-of-many' | 'multi-label' | 'binary' | undefined;
  positive?: string | undefined;
  perClass?: number | undefined;
  title?: string | undefined;
}

/** The flags for photographs. */
export const PHOTO_FLAGS: readonly Flag<keyof PhotoSettings>[] = [
  {
    name: 'backbone',
    value: 'FILE',
    help: "photographs: a trained network to start from, such as a classifier's file or a model.json of TensorFlow.js",
  },
  {
    name: 'architecture',
    value: 'NAME',
    help: 'photographs: the network of --backbone where its file does not tell, or from scratch',
  },
  {
    name: 'fineTune',
    value: 'PART',
    help: 'photographs: train the backbone too, its last third or all of it',
    oneOf: ['last', 'all'],
  },
  {
    name: 'labels',
    value: 'FILE',
    help: 'photographs: a CSV or JSON file with the label or labels of each; default: labels.csv in FOLDER, or a folder per class',
  },
  {
    name: 'kind',
    value: 'KIND',
    help: 'photographs: one class each, any number of labels, or yes and no; default: what the labels are',
    oneOf: ['one-of-many', 'multi-label', 'binary'],
  },
  { name: 'positive', value: 'NAME', help: 'photographs: the class that means yes, for --kind binary' },
  {
    name: 'perClass',
    value: 'N',
    help: 'photographs: use at most N photographs of each class',
    range: [2, 1e9],
  },
  { name: 'title', value: 'TEXT', help: 'photographs: the title of the report' },
];
