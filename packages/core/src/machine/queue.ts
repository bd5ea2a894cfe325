/** An immutable first-in, first-out queue. Adding takes O(1), removing O(1) on average. */
export interface Queue<T> {
  readonly front: QueueNode<T> | undefined
  readonly back: QueueNode<T> | undefined
}

interface QueueNode<T> {
  readonly item: T
  readonly next: QueueNode<T> | undefined
}

export const emptyQueue: Queue<never> = { front: undefined, back: undefined }

export const enqueue = <T>(queue: Queue<T>, item: T): Queue<T> => ({
  front: queue.front,
  back: { item, next: queue.back },
})

/** Returns the first item and the queue without it; undefined if the queue is empty. */
export function dequeue<T>(queue: Queue<T>): { readonly item: T; readonly rest: Queue<T> } | undefined {
  let { front, back } = queue
  if (!front) {
    for (; back; back = back.next) front = { item: back.item, next: front }
    if (!front) return undefined
  }
  return { item: front.item, rest: { front: front.next, back } }
}

/** Iterates all items, first to last. */
export function* itemsOf<T>(queue: Queue<T>): Generator<T> {
  for (let next = dequeue(queue); next; next = dequeue(next.rest)) yield next.item
}
