/** Reusable shared memory for frames. Sending a frame to a thread by message would copy it three times. */
export class SharedSlots {
  readonly #maxFree: number;
  readonly #free: SharedArrayBuffer[] = [];

  /** @param maxFree number of unused slots to keep */
  constructor(maxFree: number) {
    this.#maxFree = maxFree;
  }

  /**
   * Copies bytes to shared memory.
   *
   * @returns the copy, valid until `release`
   */
  fill(bytes: Uint8Array): { readonly data: Uint8Array; readonly release: () => void } {
    const slot = this.#take(bytes.length);
    const data = new Uint8Array(slot, 0, bytes.length);
    data.set(bytes);
    return {
      data,
      release: () => {
        if (this.#free.length < this.#maxFree) this.#free.push(slot);
      },
    };
  }

  #take(length: number): SharedArrayBuffer {
    const slot = this.#free.pop();
    // A slot that is too small is dropped.
    return slot !== undefined && slot.byteLength >= length ? slot : new SharedArrayBuffer(length);
  }
}
