/** The integers of a section, one after the other: unsigned LEB128, zigzag where they may be negative. */
import { TelemetryError } from "../errors.mjs";

const EXACT_BYTES = 7; // 49 bits: beyond them a double may round, and would lose the sign of a zigzag

const damaged = (why) => new TelemetryError("bad-data", `a section of a pack is damaged: ${why}`);

/**
 * Reads a section in its order. Numbers are doubles: integers beyond 2^53 are rounded once, to the nearest, as
 * JSON.parse rounds them.
 */
export class Varints {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  /** The next `amount` integers that are not negative. */
  unsigned(amount) {
    return this.#read(amount, false);
  }

  /** The next `amount` integers. */
  signed(amount) {
    return this.#read(amount, true);
  }

  /** One integer that is not negative. */
  one() {
    return this.#read(1, false)[0];
  }

  /** Everything must have been read. */
  end() {
    if (this.#at !== this.#bytes.length) throw damaged(`${this.#bytes.length - this.#at} bytes too many`);
  }

  #read(amount, zigzag) {
    const bytes = this.#bytes;
    if (amount > bytes.length - this.#at) throw damaged("it has too few numbers");
    const numbers = new Float64Array(amount);
    let at = this.#at;
    for (let i = 0; i < amount; i++) {
      const begin = at;
      let byte = bytes[at++];
      let value = byte & 127;
      for (let scale = 128; byte > 127; scale *= 128) {
        byte = bytes[at++]; // undefined at the end: the loop ends, and the length is checked below
        value += (byte & 127) * scale;
      }
      if (at - begin > EXACT_BYTES) numbers[i] = large(bytes.subarray(begin, at), zigzag);
      else if (!zigzag) numbers[i] = value;
      else numbers[i] = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    if (at > bytes.length) throw damaged("its last number is cut off");
    this.#at = at;
    return numbers;
  }
}

/** A number of many bytes, rounded once. */
function large(bytes, zigzag) {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 7n) | BigInt(bytes[i] & 127);
  if (!zigzag) return Number(value);
  return Number(value & 1n ? -(value + 1n) / 2n : value / 2n);
}
