/** Anything that can hold members: the fields of a module, and containers in them. */
export type Holder = Record<string, unknown> | unknown[] | Map<unknown, unknown> | Set<unknown>;

/** What `visitMembers` reports: a member, its name, and the place where it is stored. */
export type Visit<T> = (name: string, member: T, holder: Holder, key: unknown) => void;

/**
 * Finds the members of `owner`: those in its fields, and those in arrays, plain objects, Maps and Sets there, at any depth. A name
 * consists of the field and the keys below it, joined by dots: the index in an array or Set, or the key of an object or Map (if a Map's key
 * is an object, its position). A container that contains itself is visited once.
 *
 * Private fields (`#conv`), symbols, and objects of other classes are skipped.
 */
export function visitMembers<T>(owner: object, isMember: (value: unknown) => value is T, visit: Visit<T>): void {
  const open: object[] = [];
  const fields = owner as Record<string, unknown>;
  for (const key in fields) {
    const value = fields[key];
    if (typeof value === 'object' && value !== null && Object.hasOwn(fields, key)) look(key, value, fields, key);
  }

  function look(name: string, value: unknown, holder: Holder, key: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (isMember(value)) visit(name, value, holder, key);
    else if (isHolder(value) && value !== owner && !open.includes(value)) {
      open.push(value);
      enter(`${name}.`, value);
      open.pop();
    }
  }

  function enter(prefix: string, holder: Holder): void {
    if (Array.isArray(holder)) {
      for (let i = 0; i < holder.length; i++) look(`${prefix}${i}`, holder[i], holder, i);
    } else if (holder instanceof Map) {
      let i = 0;
      for (const [key, value] of holder) {
        look(`${prefix}${typeof key === 'object' ? i : String(key)}`, value, holder, key);
        i++;
      }
    } else if (holder instanceof Set) {
      let i = 0;
      for (const value of holder) look(`${prefix}${i++}`, value, holder, value);
    } else {
      for (const key in holder) if (Object.hasOwn(holder, key)) look(prefix + key, holder[key], holder, key);
    }
  }
}

/** Stores `value` in a place that `visitMembers` reported. Returns false if the place is read-only, as in a frozen array. */
export function putMember(holder: Holder, key: unknown, value: unknown): boolean {
  if (holder instanceof Map) holder.set(key, value);
  else if (holder instanceof Set) {
    const members = [...holder].map((member) => (member === key ? value : member));
    holder.clear();
    for (const member of members) holder.add(member);
  } else return Reflect.set(holder, key as string, value);
  return true;
}

function isHolder(value: object): value is Holder {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || Array.isArray(value)) return true;
  if (value instanceof Map || value instanceof Set) return true;
  // A plain object of another realm has another Object.prototype.
  return Object.getPrototypeOf(prototype) === null;
}
