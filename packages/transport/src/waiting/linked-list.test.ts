import { array, assert, constantFrom, nat, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { LinkedList, ListItem } from "./linked-list.ts";

class Item extends ListItem<Item> {}

function forward(list: LinkedList<Item>): Item[] {
  const items: Item[] = [];
  for (let item = list.first; item !== undefined; item = item.next) items.push(item);
  return items;
}

function backward(list: LinkedList<Item>): Item[] {
  const items: Item[] = [];
  for (let item = list.last; item !== undefined; item = item.previous) items.push(item);
  return items;
}

describe("LinkedList", () => {
  it("a linked list has the same items as an array after the same operations", () => {
    const operation = tuple(
      constantFrom("push" as const, "unshift" as const, "shift" as const, "remove" as const),
      nat(9),
    );
    assert(
      property(array(operation), (operations) => {
        const items = Array.from({ length: 10 }, () => new Item());
        const list = new LinkedList<Item>();
        let model: Item[] = [];
        for (const [name, index] of operations) {
          const item = items[index] ?? new Item();
          if (name === "shift") {
            list.shift();
            model.shift();
          } else {
            list[name](item);
            model = model.filter((each) => each !== item);
            if (name === "push") model.push(item);
            if (name === "unshift") model.unshift(item);
          }
          expect(forward(list)).toEqual(model);
          expect(backward(list)).toEqual(model.toReversed());
          expect(list.size).toBe(model.length);
        }
      }),
    );
  });

  it("LinkedList does not remove an item that is not in it", () => {
    const [one, two, item] = [new LinkedList<Item>(), new LinkedList<Item>(), new Item()];
    one.push(item);
    two.remove(item);
    expect(item.list).toBe(one);
    two.push(item);
    expect([one.size, two.size]).toEqual([0, 1]);
  });
});
