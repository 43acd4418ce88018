// The part of the map that is shown, in drawing units. It stands in the address as its middle and its width: `zoom=412_160_300`.

const ZOOM = /^(-?\d{1,5})_(-?\d{1,5})_(\d{2,5})$/;
const within = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

/**
 * The numbers of `zoom` in an address; undefined for what is none.
 * @param {string} [zoom]
 * @returns {number[]|undefined}
 */
export const numbersOf = (zoom) => zoom?.match(ZOOM)?.slice(1).map(Number);

/**
 * Writes a part for an address.
 * @param {...number} numbers the middle and the width
 * @returns {string}
 */
export const writtenZoom = (...numbers) => numbers.map((n) => n.toFixed(0)).join("_");

/**
 * Keeps a part inside the map, and no narrower than a 24th of it.
 * @param {number[]} whole left, top, width and height of the map
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @returns {[number, number, number]} left, top and width
 */
export function placeIn([wholeX, wholeY, wholeW, wholeH], left, top, width) {
  const w = within(width, wholeW / 24, wholeW);
  return [within(left, wholeX, wholeX + wholeW - w), within(top, wholeY, wholeY + wholeH - w * wholeH / wholeW), w];
}

/**
 * How much detail a magnification shows, from 0 to 3.
 * @param {number} unit drawing units in a pixel
 * @returns {number}
 */
export const tierOf = (unit) => [0.7, 1.6, 3.2].filter((step) => 1 / unit >= step).length;
