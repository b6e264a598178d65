import { ArgumentError } from '../base/errors.js';
import type { ClassInfo } from './classInfo.js';

/**
 * What classes belong to: the parent of each, by id (or by name where a class has no id), and the parents' own parents. A node without a
 * parent is a root.
 *
 * @example
 * const parents = { 'Siberian husky': 'dog', malamute: 'dog', dog: 'animal' };
 */
export type Parents = Readonly<Record<string, string | ParentNode>>;

/** A parent with a name of its own, where ids are not fit to read. */
export interface ParentNode {
  /** Its identifier, such as a WordNet id. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
}

/** A node above the classes: the sum of what is below it. */
export interface Ancestor {
  /** What people call the concept. */
  readonly name: string;
  /** Its identifier in the table of parents. */
  readonly id: string;
  /** The sum over the classes below it, 0 to 1. */
  readonly confidence: number;
  /** The classes below it. */
  readonly members: readonly number[];
}

/** The classes below each node of a hierarchy. */
export class Hierarchy {
  readonly #nodes = new Map<string, { name: string; members: number[] }>();

  /** Throws `ArgumentError` when the parents go round in a circle or no class has one. */
  constructor(
    /** All concepts above the classes. */
    readonly parents: Parents,
    classes: readonly ClassInfo[],
  ) {
    for (const [index, { id, name }] of classes.entries()) {
      const seen = new Set<string>();
      let node = this.#parentOf(id !== undefined && Object.hasOwn(parents, id) ? id : name);
      while (node !== undefined) {
        if (seen.has(node.id)) {
          throw new ArgumentError(`parents: '${node.name}' is its own ancestor, above the class '${name}'.`);
        }
        seen.add(node.id);
        const known = this.#nodes.get(node.id) ?? { name: node.name, members: [] };
        this.#nodes.set(node.id, known);
        known.members.push(index);
        node = this.#parentOf(node.id);
      }
    }
    if (this.#nodes.size === 0) {
      throw new ArgumentError(
        `parents: none of the ${classes.length} classes has a parent. Keys must be the ids of classes, or their names.`,
      );
    }
  }

  /**
   * The narrowest node whose classes together reach `least`, undefined where none does or all classes are below it. Of nodes with equally many
   * classes, the surest.
   */
  answer(confidences: ArrayLike<number>, least: number): Ancestor | undefined {
    let best: Ancestor | undefined;
    for (const [id, { name, members }] of this.#nodes) {
      if (members.length === confidences.length) continue;
      const confidence = members.reduce((sum, index) => sum + confidences[index], 0);
      if (confidence < least) continue;
      const narrower = best === undefined ? 1 : best.members.length - members.length;
      if (narrower > 0 || (narrower === 0 && best !== undefined && confidence > best.confidence)) {
        best = { id, name, confidence, members };
      }
    }
    return best;
  }

  #parentOf(key: string): ParentNode | undefined {
    const parent = Object.hasOwn(this.parents, key) ? this.parents[key] : undefined;
    return typeof parent === 'string' ? { id: parent, name: parent } : parent;
  }
}
