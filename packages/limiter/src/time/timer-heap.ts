/** A timer in a {@linkcode TimerHeap}. */
export interface HeapTimer {
  readonly at: number;
  readonly callback: () => void;
}

/** Timers by time, those of one moment in the order they were set. */
export interface TimerHeap {
  /** Timers that were neither taken nor cancelled. */
  readonly size: number;
  /** Adds a timer; the returned function cancels it. */
  push(at: number, callback: () => void): () => void;
  /** The first timer. */
  peek(): HeapTimer | undefined;
  /** Takes the first timer that is due at `end` or before. */
  popUntil(end: number): HeapTimer | undefined;
}

interface Entry extends HeapTimer {
  readonly order: number;
  /** Cancelled or taken; a cancelled entry stays until it comes to the top. */
  isDone: boolean;
}

/** Makes a binary heap of timers. */
export function createTimerHeap(): TimerHeap {
  const heap: Entry[] = [];
  let size = 0;
  let count = 0;

  function rise(entry: Entry): void {
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, entry)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  function sink(entry: Entry): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = heap[left + 1];
      let child = heap[left];
      let position = left;
      if (child === undefined) break;
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        position = left + 1;
      }
      if (isBefore(entry, child)) break;
      heap[at] = child;
      at = position;
    }
    heap[at] = entry;
  }

  function removeTop(): void {
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) sink(last);
  }

  return {
    get size() {
      return size;
    },
    push(at, callback) {
      const entry: Entry = { at, callback, order: count++, isDone: false };
      rise(entry);
      size += 1;
      return () => {
        if (entry.isDone) return;
        entry.isDone = true;
        size -= 1;
      };
    },
    peek() {
      while (heap[0]?.isDone === true) removeTop();
      return heap[0];
    },
    popUntil(end) {
      for (let top = heap[0]; top !== undefined; top = heap[0]) {
        if (!top.isDone && top.at > end) return undefined;
        removeTop();
        if (top.isDone) continue;
        top.isDone = true;
        size -= 1;
        return top;
      }
      return undefined;
    },
  };
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
