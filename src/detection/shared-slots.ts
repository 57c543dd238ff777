/** Memory that threads share, used again for one frame after the other: sending a frame would copy it three times. */
export class SharedSlots {
  readonly #kept: number;
  readonly #free: SharedArrayBuffer[] = [];

  /** @param kept slots that are kept while they are not used */
  constructor(kept: number) {
    this.#kept = kept;
  }

  /**
   * Copies bytes to where every thread sees them.
   *
   * @returns the copy; it is valid until `release`
   */
  fill(bytes: Uint8Array): { readonly data: Uint8Array; readonly release: () => void } {
    const slot = this.#take(bytes.length);
    const data = new Uint8Array(slot, 0, bytes.length);
    data.set(bytes);
    return {
      data,
      release: () => {
        if (this.#free.length < this.#kept) this.#free.push(slot);
      },
    };
  }

  #take(length: number): SharedArrayBuffer {
    const slot = this.#free.pop();
    // One that is too small makes room for one that is not.
    return slot !== undefined && slot.byteLength >= length ? slot : new SharedArrayBuffer(length);
  }
}
