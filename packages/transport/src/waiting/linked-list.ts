/** An item of a {@linkcode LinkedList}. It is in one list at a time, or in none. */
export class ListItem<T extends ListItem<T>> {
  list: LinkedList<T> | undefined;
  previous: T | undefined;
  next: T | undefined;
}

/** A list whose items carry their own links, so that removing one from the middle costs the same as from an end. */
export class LinkedList<T extends ListItem<T>> {
  first: T | undefined;
  last: T | undefined;
  size = 0;

  /** Adds at the end. The item leaves the list that it is in. */
  push(item: T): void {
    item.list?.remove(item);
    this.#insert(item, this.last, undefined);
  }

  /** Adds at the front. The item leaves the list that it is in. */
  unshift(item: T): void {
    item.list?.remove(item);
    this.#insert(item, undefined, this.first);
  }

  /** Removes the first item, and returns it. */
  shift(): T | undefined {
    const item = this.first;
    if (item !== undefined) this.remove(item);
    return item;
  }

  /** Removes an item. One that is not in this list is left alone. */
  remove(item: T): void {
    if (item.list !== this) return;
    const { previous, next } = item;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    item.list = item.previous = item.next = undefined;
    this.size--;
  }

  #insert(item: T, previous: T | undefined, next: T | undefined): void {
    item.list = this;
    item.previous = previous;
    item.next = next;
    if (previous === undefined) this.first = item;
    else previous.next = item;
    if (next === undefined) this.last = item;
    else next.previous = item;
    this.size++;
  }
}
