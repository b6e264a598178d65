import { ArgumentError } from '../base/errors.js';

/** One look at a photograph: where the crop lies, and whether it is mirrored. */
export interface PhotoView {
  /** How much larger than usual the photograph is scaled before the crop, 0.5 to 16; never smaller than the crop. Default 1. */
  readonly zoom?: number | undefined;
  /** The place of the crop from left (0) to right (1). Default 0.5. */
  readonly x?: number | undefined;
  /** From top (0) to bottom (1). Default 0.5. */
  readonly y?: number | undefined;
  /** Default false. */
  readonly mirror?: boolean | undefined;
}

/** Names of sets of views, and the views: logits are averaged over them. */
export const viewSets = {
  /** The center, once. */
  center: [{}],
  /** The center and its mirror image. */
  mirror: [{}, { mirror: true }],
  /** The center, the four corners, and their mirror images: Krizhevsky et al. 2012, section 4.1. */
  tenCrop: [{}, { x: 0, y: 0 }, { x: 1, y: 0 }, { x: 0, y: 1 }, { x: 1, y: 1 }].flatMap((view) => [
    view,
    { ...view, mirror: true },
  ]),
  /** Center and mirror image at three scales. */
  scales: [0.875, 1, 1.15].flatMap((zoom) => [{ zoom }, { zoom, mirror: true }]),
} as const satisfies Record<string, readonly PhotoView[]>;

/** A set of views of a photograph, by name: the classifier answers with their mean. */
export type ViewSet = keyof typeof viewSets;

/** The views that a name stands for. Throws `ArgumentError` for an unknown name, an empty list and places outside of 0 to 1. */
export function viewsOf(who: string, views: ViewSet | readonly PhotoView[]): readonly PhotoView[] {
  if (typeof views === 'string') {
    if (Object.hasOwn(viewSets, views)) return viewSets[views];
    const names = Object.keys(viewSets).map((name) => `'${name}'`);
    throw new ArgumentError(`${who}: views is '${views}', but must be one of ${names.join(', ')} or a list of views.`);
  }
  if (!Array.isArray(views) || views.length === 0) {
    throw new ArgumentError(`${who}: views must be a name such as 'mirror', or a list of at least one view.`);
  }
  for (const { zoom = 1, x = 0.5, y = 0.5 } of views as readonly PhotoView[]) {
    if (zoom >= 0.5 && zoom <= 16 && x >= 0 && x <= 1 && y >= 0 && y <= 1) continue;
    throw new ArgumentError(
      `${who}: a view has zoom ${zoom}, x ${x}, y ${y}, but zoom must lie between 0.5 and 16, x and y between 0 and 1.`,
    );
  }
  return views as readonly PhotoView[];
}
