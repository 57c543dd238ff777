const START_SLOTS = 1024;

/**
 * Hash table from the first 64 bits of a hash to an offset in a file. It takes 16 bytes per slot and is at most half
 * full: 32 to 64 MB for a million entries. The caller must compare the full hash.
 */
export class OffsetIndex {
  #keys = new BigUint64Array(START_SLOTS);
  #offsets = new Float64Array(START_SLOTS).fill(-1);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The last offset set for a hash; null if there is none. */
  get(hash: Uint8Array): number | null {
    const offset = this.#offsets[this.#slotOf(keyOf(hash))]!;
    return offset < 0 ? null : offset;
  }

  /** @param offset in bytes */
  set(hash: Uint8Array, offset: number): void {
    if (2 * this.#size >= this.#keys.length) this.#grow();
    this.#put(keyOf(hash), offset);
  }

  #put(key: bigint, offset: number): void {
    const slot = this.#slotOf(key);
    if (this.#offsets[slot]! < 0) this.#size++;
    this.#keys[slot] = key;
    this.#offsets[slot] = offset;
  }

  /** The slot of the key, or the free slot for it. */
  #slotOf(key: bigint): number {
    const mask = this.#keys.length - 1;
    let slot = Number(key & 0xffffffffn) & mask;
    while (this.#offsets[slot]! >= 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, offsets] = [this.#keys, this.#offsets];
    this.#keys = new BigUint64Array(2 * keys.length);
    this.#offsets = new Float64Array(2 * keys.length).fill(-1);
    this.#size = 0;
    for (const [slot, offset] of offsets.entries()) if (offset >= 0) this.#put(keys[slot]!, offset);
  }
}

function keyOf(hash: Uint8Array): bigint {
  return new DataView(hash.buffer, hash.byteOffset, 8).getBigUint64(0);
}
