// Made by `npm run data-worker` from program.ts. A test says when that is due.
export const workerSource = `/* The random numbers are drawn by a generator of another work:
 * A port of an algorithm by Johannes Baagøe <baagoe@baagoe.com>, 2010
 * http://baagoe.com/en/RandomMusings/javascript/
 * https://github.com/nquinlan/better-random-numbers-for-javascript-mirror
 * Original work is under MIT license -
 *
 * Copyright (C) 2010 by Johannes Baagøe <baagoe@baagoe.org>
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in
 * all copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
 * THE SOFTWARE.
*/
"use strict";
(() => {
  var __create = Object.create;
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __getProtoOf = Object.getPrototypeOf;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __commonJS = (cb, mod) => function __require() {
    return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
  };
  var __copyProps = (to, from, except, desc) => {
    if (from && typeof from === "object" || typeof from === "function") {
      for (let key of __getOwnPropNames(from))
        if (!__hasOwnProp.call(to, key) && key !== except)
          __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
    }
    return to;
  };
  var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
    // If the importer is in node compatibility mode or this is not an ESM
    // file that has been converted to a CommonJS file using a Babel-
    // compatible transform (i.e. "__esModule" has not been set), then set
    // "default" to the CommonJS "module.exports" for node compatibility.
    isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
    mod
  ));

  // node_modules/seedrandom/lib/alea.js
  var require_alea = __commonJS({
    "node_modules/seedrandom/lib/alea.js"(exports, module) {
      (function(global, module2, define2) {
        function Alea(seed) {
          var me = this, mash = Mash();
          me.next = function() {
            var t = 2091639 * me.s0 + me.c * 23283064365386963e-26;
            me.s0 = me.s1;
            me.s1 = me.s2;
            return me.s2 = t - (me.c = t | 0);
          };
          me.c = 1;
          me.s0 = mash(" ");
          me.s1 = mash(" ");
          me.s2 = mash(" ");
          me.s0 -= mash(seed);
          if (me.s0 < 0) {
            me.s0 += 1;
          }
          me.s1 -= mash(seed);
          if (me.s1 < 0) {
            me.s1 += 1;
          }
          me.s2 -= mash(seed);
          if (me.s2 < 0) {
            me.s2 += 1;
          }
          mash = null;
        }
        function copy(f, t) {
          t.c = f.c;
          t.s0 = f.s0;
          t.s1 = f.s1;
          t.s2 = f.s2;
          return t;
        }
        function impl(seed, opts) {
          var xg = new Alea(seed), state = opts && opts.state, prng = xg.next;
          prng.int32 = function() {
            return xg.next() * 4294967296 | 0;
          };
          prng.double = function() {
            return prng() + (prng() * 2097152 | 0) * 11102230246251565e-32;
          };
          prng.quick = prng;
          if (state) {
            if (typeof state == "object") copy(state, xg);
            prng.state = function() {
              return copy(xg, {});
            };
          }
          return prng;
        }
        function Mash() {
          var n = 4022871197;
          var mash = function(data) {
            data = String(data);
            for (var i = 0; i < data.length; i++) {
              n += data.charCodeAt(i);
              var h = 0.02519603282416938 * n;
              n = h >>> 0;
              h -= n;
              h *= n;
              n = h >>> 0;
              h -= n;
              n += h * 4294967296;
            }
            return (n >>> 0) * 23283064365386963e-26;
          };
          return mash;
        }
        if (module2 && module2.exports) {
          module2.exports = impl;
        } else if (define2 && define2.amd) {
          define2(function() {
            return impl;
          });
        } else {
          this.alea = impl;
        }
      })(
        exports,
        typeof module == "object" && module,
        // present in node.js
        typeof define == "function" && define
        // present with an AMD loader
      );
    }
  });

  // src/base/nodeModule.ts
  function nodeModule(name) {
    const { process } = globalThis;
    return process?.getBuiltinModule?.(name);
  }

  // src/base/errors.ts
  var StridenetError = class extends Error {
    name = "StridenetError";
  };
  var ShapeError = class extends StridenetError {
    name = "ShapeError";
  };
  var ArgumentError = class extends StridenetError {
    name = "ArgumentError";
  };

  // src/base/random.ts
  var import_alea = __toESM(require_alea(), 1);

  // src/base/aleaJump.ts
  var BITS = 32n;
  var B = 1n << BITS;
  var MULTIPLIER = 2091639n;
  var MODULUS = MULTIPLIER * B ** 3n - 1n;
  var STEP = MULTIPLIER * B * B;
  var WORD = 2 ** 32;
  function aleaJump({ c, s0, s1, s2 }, draws) {
    const words = [s0, s1, s2].map((s) => s * WORD);
    if (![...words, c].every((word2) => Number.isInteger(word2) && word2 >= 0)) return null;
    if (c >= Number(MULTIPLIER) || words.some((word2) => word2 >= WORD)) return null;
    const [w0, w1, w2] = words.map(BigInt);
    let x = w0 + (w1 << BITS) + (w2 << 2n * BITS) + (BigInt(c) << 3n * BITS);
    let factor = STEP;
    for (let left = BigInt(draws); left > 0n; left >>= 1n) {
      if (left & 1n) x = x * factor % MODULUS;
      factor = factor * factor % MODULUS;
    }
    const word = (at) => Number((x >> at * BITS) % B) / WORD;
    return { c: Number(x >> 3n * BITS), s0: word(0n), s1: word(1n), s2: word(2n) };
  }

  // src/base/random.ts
  var RandomStream = class {
    #next;
    constructor(seed) {
      this.#next = (0, import_alea.default)(seed, { state: true });
    }
    /** A number in [0, 1). */
    uniform() {
      return this.#next();
    }
    /** A whole number in [0, n). */
    integer(n) {
      return Math.floor(this.#next() * n);
    }
    /** 32 random bits as a signed integer: the seed of a kernel that hashes its own randomness. */
    bits() {
      return this.#next.int32();
    }
    /** Goes on as after so many draws of \`uniform()\`, without making them; \`normal()\` is two. */
    skip(draws) {
      const after = aleaJump(this.state, draws);
      if (after !== null) this.state = after;
      else for (let i = 0; i < draws; i++) this.#next();
    }
    /** A draw from the normal distribution with mean 0 and variance 1 (Box and Muller 1958). */
    normal() {
      const radius = Math.sqrt(-2 * Math.log(1 - this.#next()));
      return radius * Math.cos(2 * Math.PI * this.#next());
    }
    /** Shuffles in place: every order is equally likely (Durstenfeld 1964). */
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = this.integer(i + 1);
        const item = items[i];
        items[i] = items[j];
        items[j] = item;
      }
      return items;
    }
    get state() {
      return this.#next.state();
    }
    set state(state) {
      this.#next = (0, import_alea.default)("", { state });
    }
  };
  var RandomStreams = class {
    #seed = "0";
    #streams = /* @__PURE__ */ new Map();
    /** How often they were restarted or put somewhere else. */
    restarts = 0;
    /** Restarts every stream. */
    reseed(seed) {
      this.#seed = seed;
      this.#streams.clear();
      this.restarts++;
    }
    /** The stream of that name, at the place where the last user of it stopped. */
    stream(name) {
      let stream = this.#streams.get(name);
      if (stream === void 0) {
        stream = new RandomStream(\`\${this.#seed}/\${name}\`);
        this.#streams.set(name, stream);
      }
      return stream;
    }
    state() {
      return { seed: this.#seed, streams: Object.fromEntries([...this.#streams].map(([name, s]) => [name, s.state])) };
    }
    restore({ seed, streams }) {
      this.reseed(seed);
      for (const [name, state] of Object.entries(streams)) this.stream(name).state = state;
    }
  };
  var present = new RandomStreams();

  // src/data/image.ts
  var BYTE_TO_FLOAT = Float32Array.from({ length: 256 }, (_, k) => k / 255);
  function toFloat(pixels, to = new Float32Array(pixels.length)) {
    if (pixels.length !== to.length) {
      throw new ShapeError(\`toFloat: \${pixels.length} pixel values do not fill an image of \${to.length}.\`);
    }
    if (pixels instanceof Float32Array) {
      to.set(pixels);
      return to;
    }
    const table = BYTE_TO_FLOAT;
    for (let i = 0; i < pixels.length; i++) to[i] = table[pixels[i]];
    return to;
  }

  // src/data/stack.ts
  var Stacker = class {
    constructor(shape, transform, last) {
      this.shape = shape;
      this.transform = transform;
      this.last = last;
    }
    shape;
    transform;
    last;
    #spare = [];
    /** The images of \`plan\`; \`imageOf(n)\` is the n-th as it lies in the data set. */
    stack(imageOf, { indices, seed, place }) {
      const { transform, last } = this;
      const random = new RandomStream(seed);
      const [channels, height, width] = this.shape;
      const sourceSize = channels * height * width;
      let shape = this.shape;
      let size = sourceSize;
      let pixels = this.#take(indices.length * size);
      let aside;
      for (let n = 0; n < indices.length; n++) {
        const slot = aside ?? pixels.subarray(n * size, (n + 1) * size);
        let image = { data: toFloat(imageOf(n), slot), channels, height, width };
        if (transform) image = transform(image, random, { ...place, index: indices[n] });
        if (last) image = last(image, random);
        if (n === 0) {
          shape = [image.channels, image.height, image.width];
          size = shape[0] * shape[1] * shape[2];
          if (size !== sourceSize) {
            aside = new Float32Array(sourceSize);
            pixels = this.#take(indices.length * size);
          }
        }
        checkShape(image, shape, indices[n], indices[0]);
        if (image.data !== slot || aside !== void 0) pixels.set(image.data, n * size);
      }
      return { pixels, shape };
    }
    /** Takes back an array that \`stack\` gave out, or gives it another to use. */
    reuse(pixels) {
      if (this.#spare.length < 4) this.#spare.push(pixels);
    }
    /** An array that nobody uses, for a worker. */
    takeSpare() {
      return this.#spare.pop();
    }
    #take(length) {
      const spare = this.#spare.pop();
      return spare !== void 0 && spare.length >= length ? spare : new Float32Array(length);
    }
  };
  function checkShape(image, shape, index, first) {
    const { data, channels: c, height: h, width: w } = image;
    if (data.length !== c * h * w) {
      throw new ShapeError(
        \`DataLoader: image \${index} has \${data.length} values after the transforms, but says it is [\${c}, \${h}, \${w}].\`
      );
    }
    if (c !== shape[0] || h !== shape[1] || w !== shape[2]) {
      throw new ShapeError(
        \`DataLoader: image \${index} is [\${c}, \${h}, \${w}] after the transforms, but image \${first} of the same batch is [\${shape.join(", ")}]. Crop or resize them to one shape.\`
      );
    }
  }

  // src/base/nearestNames.ts
  function nearestNames(name, names) {
    const known = [...names];
    let best = [];
    let least = Math.max(2, Math.floor(name.length / 2));
    for (const candidate of known) {
      const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
      if (distance < least) best = [];
      if (distance <= least) {
        least = distance;
        best.push(candidate);
      }
    }
    if (best.length > 0 || name.length < 3) return best;
    return known.filter((candidate) => candidate.toLowerCase().startsWith(name.toLowerCase()));
  }
  function editDistance(a, b) {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
        next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
      }
      row = next;
    }
    return row[b.length];
  }

  // src/base/checkOptions.ts
  function checkOptions(who, options, known) {
    if (typeof options !== "object" || options === null) {
      throw new ArgumentError(
        \`\${who}: the options are \${String(options)}, but must be an object of \${known.join(", ")}.\`
      );
    }
    for (const key of Object.keys(options)) {
      if (known.includes(key)) continue;
      const nearest = nearestNames(key, known).map((name) => \`'\${name}'\`);
      const hint = nearest.length > 0 ? \`Did you mean \${nearest.join(" or ")}?\` : \`The options are \${known.join(", ")}.\`;
      throw new ArgumentError(\`\${who}: there is no option '\${key}'. \${hint}\`);
    }
  }

  // src/data/transforms/interval.ts
  function checkInterval(who, option, value, bounds) {
    if (liesWithin(value, bounds)) return value;
    throw new ArgumentError(
      \`\${who}: \${option} is \${JSON.stringify(value)}, but must be [least, most] within \${bounds[0]} and \${bounds[1]}.\`
    );
  }
  function intervalAround(who, option, value, centre, bounds) {
    if (typeof value !== "number") return checkInterval(who, option, value, bounds);
    const around = [Math.max(bounds[0], centre - value), centre + value];
    if (value >= 0 && liesWithin(around, bounds)) return around;
    throw new ArgumentError(
      \`\${who}: \${option} is \${value}, but must be a number from 0 to \${bounds[1] - centre}, or [least, most] within \${bounds[0]} and \${bounds[1]}.\`
    );
  }
  function liesWithin(value, bounds) {
    if (!Array.isArray(value) || value.length !== 2) return false;
    return value[0] >= bounds[0] && value[0] <= value[1] && value[1] <= bounds[1];
  }
  function within(random, [least, most]) {
    return least + (most - least) * random.uniform();
  }
  function checkProbability(who, p) {
    if (p >= 0 && p <= 1) return p;
    throw new ArgumentError(\`\${who}: p is \${p}, but must lie between 0 and 1.\`);
  }

  // src/data/transforms/spare.ts
  var Spare = class {
    #data = new Float32Array(0);
    /** An array as long as \`x\`, or of another length, with any values. It is not x: that may be what the same transform returned earlier in a chain. */
    beside(x, length = x.length) {
      if (this.#data.length !== length || this.#data === x) this.#data = new Float32Array(length);
      return this.#data;
    }
  };

  // src/data/transforms/transform.ts
  function described(name, options, apply) {
    return Object.assign(apply, { spec: { name, parts: [], options } });
  }
  function describedWith(name, parts, options, apply) {
    const specs = parts.map((part) => part.spec);
    if (!specs.every((spec) => spec !== void 0)) return apply;
    return Object.assign(apply, { spec: { name, parts: specs, options } });
  }

  // src/data/transforms/edges.ts
  function checkPadding(who, option, mode) {
    if (mode === "zero" || mode === "reflect" || mode === "replicate") return mode;
    throw new ArgumentError(\`\${who}: \${option} is '\${mode}', but must be one of 'zero', 'reflect', 'replicate'.\`);
  }
  function pixelAt(i, n, mode) {
    if (i >= 0 && i < n) return i;
    if (mode === "zero") return -1;
    if (mode === "replicate" || n === 1) return i < 0 ? 0 : n - 1;
    const period = 2 * (n - 1);
    const k = (i % period + period) % period;
    return k < n ? k : period - k;
  }

  // src/data/transforms/warp.ts
  var SAMPLING_OPTIONS = ["interpolation", "padding", "fill"];
  function checkSampling(who, sampling) {
    const { interpolation = "bilinear", padding = "zero", fill = 0 } = sampling;
    if (interpolation !== "bilinear" && interpolation !== "nearest") {
      throw new ArgumentError(\`\${who}: interpolation is '\${interpolation}', but must be 'bilinear' or 'nearest'.\`);
    }
    checkPadding(who, "padding", padding);
    if (![fill].flat().every(Number.isFinite)) {
      throw new ArgumentError(\`\${who}: fill is \${JSON.stringify(fill)}, but must be finite.\`);
    }
  }
  function warp(image, placement, sampling, spare) {
    const { data: x, channels, height, width } = image;
    const { interpolation = "bilinear", padding = "zero", fill = 0 } = sampling;
    const fills = typeof fill === "number" ? new Array(channels).fill(fill) : fill;
    if (fills.length !== channels) {
      throw new ShapeError(
        \`fill has \${fills.length} values, but the image has \${channels} channels. Give one a channel, or a number.\`
      );
    }
    const y = spare.beside(x);
    const plane = height * width;
    const [midX, midY] = [(width - 1) / 2, (height - 1) / 2];
    const [a, b, c, d, e, f] = inverse(placement, width, height);
    const isNearest = interpolation === "nearest";
    for (let p = 0; p < height; p++) {
      for (let q = 0; q < width; q++) {
        const fromX = a * (q - midX) + b * (p - midY) + c + midX;
        const fromY = d * (q - midX) + e * (p - midY) + f + midY;
        const to = p * width + q;
        const left = isNearest ? Math.round(fromX) : Math.floor(fromX);
        const top = isNearest ? Math.round(fromY) : Math.floor(fromY);
        const right = isNearest ? 0 : fromX - left;
        const down = isNearest ? 0 : fromY - top;
        const x0 = pixelAt(left, width, padding);
        const y0 = pixelAt(top, height, padding);
        const x1 = right === 0 ? x0 : pixelAt(left + 1, width, padding);
        const y1 = down === 0 ? y0 : pixelAt(top + 1, height, padding);
        const i00 = x0 < 0 || y0 < 0 ? -1 : y0 * width + x0;
        const i01 = x1 < 0 || y0 < 0 ? -1 : y0 * width + x1;
        const i10 = x0 < 0 || y1 < 0 ? -1 : y1 * width + x0;
        const i11 = x1 < 0 || y1 < 0 ? -1 : y1 * width + x1;
        for (let channel = 0; channel < channels; channel++) {
          const at = channel * plane;
          const outside = fills[channel];
          const v00 = i00 < 0 ? outside : x[at + i00];
          const v01 = i01 < 0 ? outside : x[at + i01];
          const v10 = i10 < 0 ? outside : x[at + i10];
          const v11 = i11 < 0 ? outside : x[at + i11];
          const upper = v00 + (v01 - v00) * right;
          y[at + to] = upper + (v10 + (v11 - v10) * right - upper) * down;
        }
      }
    }
    return { data: y, channels, height, width };
  }
  function inverse(placement, width, height) {
    const { angle = 0, translate: translate2 = [0, 0], scale = 1, shear = [0, 0], about = "centre" } = placement;
    const turn = angle * Math.PI / 180;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const [tanX, tanY] = [Math.tan(shear[0] * Math.PI / 180), Math.tan(shear[1] * Math.PI / 180)];
    const [m00, m10] = [cos + sin * tanY, sin - cos * tanY];
    const [m01, m11] = [-sin - m00 * tanX, cos - m10 * tanX];
    const [a, b, d, e] = [m11 / scale, -m01 / scale, -m10 / scale, m00 / scale];
    const [fixedX, fixedY] = about === "corner" ? [-width / 2, -height / 2] : [0, 0];
    const [x, y] = [fixedX + translate2[0], fixedY + translate2[1]];
    return [a, b, fixedX - a * x - b * y, d, e, fixedY - d * x - e * y];
  }

  // src/data/transforms/affine.ts
  var ANGLES = [-360, 360];
  var LEANS = [-89, 89];
  function randomAffine(options) {
    checkOptions("randomAffine", options, ["degrees", "translate", "scale", "shear", ...SAMPLING_OPTIONS]);
    return affine("randomAffine", [options], options);
  }
  function randomRotation(degrees, sampling = {}) {
    checkOptions("randomRotation", sampling, SAMPLING_OPTIONS);
    const [least, most] = intervalAround("randomRotation", "degrees", degrees, 0, ANGLES);
    return affine("randomRotation", [degrees, sampling], { ...sampling, degrees: [-most, -least] });
  }
  function randomScale(scale, sampling = {}) {
    checkOptions("randomScale", sampling, SAMPLING_OPTIONS);
    return affine("randomScale", [scale, sampling], { ...sampling, scale });
  }
  function affine(name, given, options) {
    const { degrees = 0, translate: translate2 = 0, scale = [1, 1], shear = 0 } = options;
    const angles = intervalAround(name, "degrees", degrees, 0, ANGLES);
    const shares = typeof translate2 === "number" ? [translate2, translate2] : translate2;
    if (shares.length !== 2 || !shares.every((share) => share >= 0 && share <= 1)) {
      throw new ArgumentError(
        \`\${name}: translate is \${JSON.stringify(translate2)}, but must be a share of the image between 0 and 1, or [horizontal, vertical].\`
      );
    }
    checkInterval(name, "scale", scale, [1e-3, 1e3]);
    const isFour = typeof shear !== "number" && shear.length === 4;
    const leanX = intervalAround(name, "shear", isFour ? [shear[0], shear[1]] : shear, 0, LEANS);
    const leanY = intervalAround(name, "shear", isFour ? [shear[2], shear[3]] : 0, 0, LEANS);
    checkSampling(name, options);
    const spare = new Spare();
    return described(name, given, (image, random) => {
      const angle = within(random, angles);
      const right = Math.round(image.width * within(random, [-shares[0], shares[0]]));
      const down = Math.round(image.height * within(random, [-shares[1], shares[1]]));
      const placement = {
        angle,
        translate: [right, down],
        scale: within(random, scale),
        shear: [within(random, leanX), within(random, leanY)]
      };
      return warp(image, placement, options, spare);
    });
  }

  // src/data/transforms/colour.ts
  function adjustBrightness(image, factor) {
    const { data } = image;
    for (let i = 0; i < data.length; i++) data[i] = clamp(factor * data[i]);
    return image;
  }
  function adjustContrast(image, factor) {
    const { data } = image;
    const greys = greyOf("contrast", image);
    let sum2 = 0;
    for (let i = 0; i < greys.length; i++) sum2 += greys[i];
    const rest = (1 - factor) * (sum2 / greys.length);
    for (let i = 0; i < data.length; i++) data[i] = clamp(factor * data[i] + rest);
    return image;
  }
  function adjustSaturation(image, factor) {
    const { data, channels } = image;
    const greys = greyOf("saturation", image);
    if (channels === 1) return image;
    const plane = greys.length;
    for (let i = 0; i < plane; i++) {
      const rest = (1 - factor) * greys[i];
      for (let at = i; at < data.length; at += plane) data[at] = clamp(factor * data[at] + rest);
    }
    return image;
  }
  function adjustHue(image, shift2) {
    const { data, channels, height, width } = image;
    checkColour("hue", image);
    if (channels === 1) return image;
    const plane = height * width;
    for (let i = 0; i < plane; i++) {
      const r = data[i];
      const g = data[i + plane];
      const b = data[i + 2 * plane];
      const value = Math.max(r, g, b);
      const chroma = value - Math.min(r, g, b);
      if (chroma === 0) continue;
      const sixths = value === r ? (g - b) / chroma : value === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
      const hue = sixths + 6 * shift2;
      data[i] = value - chroma * fall(hue + 5);
      data[i + plane] = value - chroma * fall(hue + 3);
      data[i + 2 * plane] = value - chroma * fall(hue + 1);
    }
    return image;
  }
  function toGrey(image) {
    return adjustSaturation(image, 0);
  }
  function greyOf(what, image) {
    const { data, channels, height, width } = image;
    checkColour(what, image);
    if (channels === 1) return data;
    const plane = height * width;
    const greys = new Float32Array(plane);
    for (let i = 0; i < plane; i++) {
      greys[i] = 0.2989 * data[i] + 0.587 * data[i + plane] + 0.114 * data[i + 2 * plane];
    }
    return greys;
  }
  function checkColour(what, { channels }) {
    if (channels !== 1 && channels !== 3) {
      throw new ShapeError(
        \`\${what}: the image has \${channels} channels, but colours need 3 (red, green, blue), or 1 (grey).\`
      );
    }
  }
  function fall(sixths) {
    const k = sixths - 6 * Math.floor(sixths / 6);
    return Math.max(0, Math.min(k, 4 - k, 1));
  }
  function clamp(value) {
    return value < 0 ? 0 : value > 1 ? 1 : value;
  }

  // src/data/transforms/colorJitter.ts
  function colorJitter(options) {
    checkOptions("colorJitter", options, ["brightness", "contrast", "saturation", "hue"]);
    const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = options;
    const factor = (option, value) => intervalAround("colorJitter", option, value, 1, [0, 1e3]);
    const all = [
      [adjustBrightness, factor("brightness", brightness), 1],
      [adjustContrast, factor("contrast", contrast), 1],
      [adjustSaturation, factor("saturation", saturation), 1],
      [adjustHue, intervalAround("colorJitter", "hue", hue, 0, [-0.5, 0.5]), 0]
    ];
    const used = all.filter(([, [least, most], neutral]) => least !== neutral || most !== neutral);
    return described("colorJitter", [options], (image, random) => {
      const order = random.shuffle(used.map((_, k) => k));
      for (const k of order) {
        const [adjust, amounts] = used[k];
        adjust(image, within(random, amounts));
      }
      return image;
    });
  }
  function randomGrayscale(p = 0.1) {
    checkProbability("randomGrayscale", p);
    return described("randomGrayscale", [p], (image, random) => random.uniform() < p ? toGrey(image) : image);
  }

  // src/data/transforms/compose.ts
  function compose(...transforms) {
    return describedWith("compose", transforms, [], (image, random, place) => {
      let result = image;
      for (const transform of transforms) result = transform(result, random, place);
      return result;
    });
  }

  // src/base/describeValue.ts
  var MOST_KEYS = 6;
  function describeValue(value) {
    if (value === null || value === void 0 || typeof value === "boolean") return String(value);
    if (typeof value === "number") return \`the number \${value}\`;
    if (typeof value === "bigint") return \`the bigint \${value}n\`;
    if (typeof value === "string") return \`'\${value.length > 40 ? \`\${value.slice(0, 40)}...\` : value}'\`;
    if (typeof value === "symbol") return "a symbol";
    if (typeof value === "function") return \`the function \${value.name || "() => ..."}\`;
    if (Array.isArray(value)) return \`an array of \${value.length}\`;
    if (ArrayBuffer.isView(value)) return \`\${named(value)} of \${value.length ?? value.byteLength}\`;
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return named(value);
    const keys = Object.keys(value);
    return \`an object { \${keys.slice(0, MOST_KEYS).join(", ")}\${keys.length > MOST_KEYS ? ", ..." : ""} }\`;
  }
  function named(value) {
    const name = value.constructor?.name || "object without a class";
    return \`\${/^[AEIOU]/i.test(name) ? "an" : "a"} \${name}\`;
  }

  // src/base/check.ts
  var LARGEST_SIZE = 2 ** 30;
  function checkWhole(op, name, value, least) {
    if (!Number.isInteger(value) || value < least) {
      const found = typeof value === "number" ? value : describeValue(value);
      throw new ArgumentError(\`\${op}: \${name} is \${found}, but must be a whole number >= \${least}.\`);
    }
    if (value > LARGEST_SIZE) {
      throw new ArgumentError(\`\${op}: \${name} is \${value}, but must be at most \${LARGEST_SIZE}.\`);
    }
    return value;
  }

  // src/data/transforms/erase.ts
  function cutout(size, options = {}) {
    checkOptions("cutout", options, ["count", "value"]);
    const { count = 1, value = 0 } = options;
    checkWhole("cutout", "size", size, 1);
    checkWhole("cutout", "count", count, 1);
    checkValue("cutout", value);
    const half = Math.floor(size / 2);
    return described("cutout", [size, options], (image, random) => {
      for (let k = 0; k < count; k++) {
        const top = random.integer(image.height) - half;
        const left = random.integer(image.width) - half;
        erase("cutout", image, { top, left, height: size, width: size }, value, random);
      }
      return image;
    });
  }
  function randomErasing(options = {}) {
    checkOptions("randomErasing", options, ["p", "scale", "ratio", "value"]);
    const { p = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3], value = 0 } = options;
    checkProbability("randomErasing", p);
    const areas = checkInterval("randomErasing", "scale", scale, [0, 1]);
    const [least, most] = checkInterval("randomErasing", "ratio", ratio, [1e-3, 1e3]);
    const logarithms = [Math.log(least), Math.log(most)];
    checkValue("randomErasing", value);
    return described("randomErasing", [options], (image, random) => {
      if (random.uniform() >= p) return image;
      for (let attempt = 0; attempt < 10; attempt++) {
        const area = image.height * image.width * within(random, areas);
        const aspect = Math.exp(within(random, logarithms));
        const height = Math.round(Math.sqrt(area * aspect));
        const width = Math.round(Math.sqrt(area / aspect));
        if (height >= image.height || width >= image.width) continue;
        const top = random.integer(image.height - height + 1);
        const left = random.integer(image.width - width + 1);
        return erase("randomErasing", image, { top, left, height, width }, value, random);
      }
      return image;
    });
  }
  function erase(who, image, box, value, random) {
    const { data, channels, height, width } = image;
    if (typeof value === "object" && value.length !== channels) {
      throw new ShapeError(\`\${who}: value has \${value.length} numbers, but the image has \${channels} channels.\`);
    }
    const top = Math.max(0, box.top);
    const left = Math.max(0, box.left);
    const bottom = Math.min(height, box.top + box.height);
    const right = Math.min(width, box.left + box.width);
    for (let c = 0; c < channels; c++) {
      const paint = typeof value === "object" ? value[c] : value;
      for (let h = top; h < bottom; h++) {
        const row = (c * height + h) * width;
        for (let i = row + left; i < row + right; i++) data[i] = paint === "random" ? random.uniform() : paint;
      }
    }
    return image;
  }
  function checkValue(who, value) {
    if (value === "random" || typeof value !== "string" && [value].flat().every(Number.isFinite)) return;
    throw new ArgumentError(
      \`\${who}: value is \${JSON.stringify(value)}, but must be a number, one for each channel, or 'random'.\`
    );
  }

  // src/data/transforms/flip.ts
  function randomHorizontalFlip(p = 0.5) {
    checkProbability("randomHorizontalFlip", p);
    return described(
      "randomHorizontalFlip",
      [p],
      (image, random) => random.uniform() < p ? mirrorColumns(image) : image
    );
  }
  function randomVerticalFlip(p = 0.5) {
    checkProbability("randomVerticalFlip", p);
    return described("randomVerticalFlip", [p], (image, random) => random.uniform() < p ? mirrorRows(image) : image);
  }
  function alternatingFlip() {
    return described("alternatingFlip", [], (image, _, place) => {
      if (place === void 0) {
        throw new ArgumentError(
          "alternatingFlip: no epoch and index were passed to it. Call it as transform(image, random, place), as the DataLoader does."
        );
      }
      const coin = scramble(scramble(place.index) ^ place.seed) & 1;
      return (coin + place.epoch & 1) === 1 ? mirrorColumns(image) : image;
    });
  }
  function mirrorColumns(image) {
    const { data, width } = image;
    const n = data.length;
    for (let row = 0; row < n; row += width) {
      for (let left = row, right = row + width - 1; left < right; left++, right--) {
        const pixel = data[left];
        data[left] = data[right];
        data[right] = pixel;
      }
    }
    return image;
  }
  function mirrorRows(image) {
    const { data, channels, height, width } = image;
    for (let c = 0; c < channels; c++) {
      for (let above = c * height, below = above + height - 1; above < below; above++, below--) {
        for (let i = above * width, j = below * width, end = i + width; i < end; i++, j++) {
          const pixel = data[i];
          data[i] = data[j];
          data[j] = pixel;
        }
      }
    }
    return image;
  }
  function scramble(bits) {
    let h = bits;
    h = Math.imul(h ^ h >>> 16, 2246822507);
    h = Math.imul(h ^ h >>> 13, 3266489909);
    return h ^ h >>> 16;
  }

  // src/data/transforms/normalize.ts
  function normalize(mean, std) {
    if (mean.length !== std.length || std.some((s) => !(s > 0)) || mean.some((m) => !Number.isFinite(m))) {
      throw new ArgumentError(
        \`normalize: mean [\${mean.join(", ")}] and std [\${std.join(", ")}] must be finite numbers, one a channel, with each std above 0.\`
      );
    }
    const scales = std.map((s) => 1 / s);
    return described("normalize", [[...mean], [...std]], (image) => {
      const { data, channels, height, width } = image;
      if (channels !== mean.length) {
        throw new ShapeError(\`normalize: the image has \${channels} channels, but mean and std have \${mean.length}.\`);
      }
      const plane = height * width;
      for (let c = 0; c < channels; c++) {
        const m = mean[c];
        const scale = scales[c];
        const end = (c + 1) * plane;
        for (let i = c * plane; i < end; i++) data[i] = (data[i] - m) * scale;
      }
      return image;
    });
  }

  // src/data/transforms/resample.ts
  var Resampler = class {
    #rows = new Spare();
    #result = new Spare();
    /**
     * The part \`box\` of an image, scaled to \`height\` x \`width\`: along each axis a triangle as wide as two pixels of the result, or of the
     * image where that is larger (or \`antialias\` is off). What lies outside of the box has no part in it.
     */
    scale(image, box, height, width, antialias) {
      const { data: x, channels } = image;
      const down = tapsOf(box.height, height, antialias);
      const across = tapsOf(box.width, width, antialias);
      const rows = this.#rows.beside(x, channels * box.height * width);
      for (let line = 0, to2 = 0; line < channels * box.height; line++) {
        const c = Math.floor(line / box.height);
        const from = (c * image.height + box.top + line - c * box.height) * image.width + box.left;
        for (let q = 0; q < width; q++) rows[to2++] = sum(x, from + across.first[q], 1, across.weights[q]);
      }
      const y = this.#result.beside(x, channels * height * width);
      let to = 0;
      for (let c = 0; c < channels; c++) {
        for (let p = 0; p < height; p++) {
          const from = (c * box.height + down.first[p]) * width;
          for (let q = 0; q < width; q++) y[to++] = sum(rows, from + q, width, down.weights[p]);
        }
      }
      return { data: y, channels, height, width };
    }
  };
  function sum(x, from, step, weights) {
    let total = 0;
    for (let k = 0, at = from; k < weights.length; k++, at += step) total += weights[k] * x[at];
    return total;
  }
  function tapsOf(size, outSize, antialias) {
    const scale = size / outSize;
    const reach = antialias ? Math.max(1, scale) : 1;
    const first = new Int32Array(outSize);
    const weights = Array.from({ length: outSize }, (_, i) => {
      const centre = (i + 0.5) * scale;
      const begin = Math.max(0, Math.floor(centre - reach + 0.5));
      const end = Math.min(size, Math.max(begin + 1, Math.floor(centre + reach + 0.5)));
      first[i] = begin;
      const raw = Float64Array.from({ length: end - begin }, (_2, k) => {
        return Math.max(0, 1 - Math.abs(begin + k + 0.5 - centre) / reach);
      });
      const total = raw.reduce((a, b) => a + b, 0);
      return Float32Array.from(raw, (w) => w / total);
    });
    return { first, weights };
  }

  // src/data/transforms/resize.ts
  function resize(size, options = {}) {
    checkOptions("resize", options, ["antialias"]);
    checkSize("resize", size);
    const { antialias = true } = options;
    const resampler = new Resampler();
    return described("resize", [size, options], (image) => {
      const [height, width] = typeof size === "number" ? inProportion(image, size) : size;
      if (height === image.height && width === image.width) return image;
      return resampler.scale(image, whole(image), height, width, antialias);
    });
  }
  function centerCrop(size) {
    checkSize("centerCrop", size);
    const [height, width] = typeof size === "number" ? [size, size] : size;
    const spare = new Spare();
    return described("centerCrop", [size], (image) => {
      const [top, left] = [middle(image.height, height), middle(image.width, width)];
      return cutOut(image, { top, left, height, width }, spare);
    });
  }
  function randomResizedCrop(size, options = {}) {
    checkOptions("randomResizedCrop", options, ["scale", "ratio", "antialias"]);
    checkSize("randomResizedCrop", size);
    const { antialias = true } = options;
    const scale = checkInterval("randomResizedCrop", "scale", options.scale ?? [0.08, 1], [0, 1]);
    const ratio = checkInterval("randomResizedCrop", "ratio", options.ratio ?? [3 / 4, 4 / 3], [1e-3, 1e3]);
    const [height, width] = typeof size === "number" ? [size, size] : size;
    const resampler = new Resampler();
    return described(
      "randomResizedCrop",
      [size, options],
      (image, random) => resampler.scale(image, randomBox(image, scale, ratio, random), height, width, antialias)
    );
  }
  function randomBox({ height: H, width: W }, scale, ratio, random) {
    const logarithms = [Math.log(ratio[0]), Math.log(ratio[1])];
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = H * W * within(random, scale);
      const aspect2 = Math.exp(within(random, logarithms));
      const [height2, width2] = [Math.round(Math.sqrt(area / aspect2)), Math.round(Math.sqrt(area * aspect2))];
      if (height2 < 1 || width2 < 1 || height2 > H || width2 > W) continue;
      return { top: random.integer(H - height2 + 1), left: random.integer(W - width2 + 1), height: height2, width: width2 };
    }
    const aspect = Math.min(ratio[1], Math.max(ratio[0], W / H));
    const height = Math.max(1, Math.min(H, Math.round(W / aspect)));
    const width = Math.max(1, Math.min(W, Math.round(H * aspect)));
    return { top: Math.floor((H - height) / 2), left: Math.floor((W - width) / 2), height, width };
  }
  function cutOut({ data: x, channels, height: H, width: W }, box, spare) {
    const { top, left, height, width } = box;
    const y = spare.beside(x, channels * height * width).fill(0);
    const [from, to] = [Math.max(0, left), Math.min(W, left + width)];
    for (let c = 0; c < channels; c++) {
      for (let p = Math.max(0, -top); p < height && top + p < H; p++) {
        const row = (c * H + top + p) * W;
        y.set(x.subarray(row + from, row + to), (c * height + p) * width + from - left);
      }
    }
    return { data: y, channels, height, width };
  }
  function inProportion({ height, width }, size) {
    return height <= width ? [size, Math.max(1, Math.floor(size * width / height))] : [Math.max(1, Math.floor(size * height / width)), size];
  }
  function whole({ height, width }) {
    return { top: 0, left: 0, height, width };
  }
  function middle(size, part) {
    const half = (size - part) / 2;
    if (Number.isInteger(half)) return half;
    return half < 0 ? Math.ceil(half) : 2 * Math.round(half / 2);
  }
  function checkSize(who, size) {
    const sides = typeof size === "number" ? [size] : size;
    if (typeof size !== "number" && sides.length !== 2) {
      throw new ArgumentError(\`\${who}: size is \${JSON.stringify(size)}, but must be a number or [height, width].\`);
    }
    for (const side of sides) checkWhole(who, "size", side, 1);
  }

  // src/data/transforms/progressiveResize.ts
  function progressiveResize(sizes, options = {}) {
    checkOptions("progressiveResize", options, ["antialias"]);
    if (sizes.length === 0) throw new ArgumentError("progressiveResize: sizes is empty; give the size of each epoch.");
    const resizes = sizes.map((size) => resize(size, options));
    return described("progressiveResize", [sizes, options], (image, random, place) => {
      if (place === void 0) {
        throw new ArgumentError(
          "progressiveResize: no epoch was passed to it. Call it as transform(image, random, place), as the DataLoader does."
        );
      }
      return resizes[Math.min(place.epoch, resizes.length - 1)](image, random, place);
    });
  }

  // src/data/transforms/tone.ts
  function posterize(image, bits) {
    const { data } = image;
    const mask = -(2 ** (8 - bits));
    for (let i = 0; i < data.length; i++) data[i] = (byteOf(data[i]) & mask) / 255;
    return image;
  }
  function solarize(image, threshold) {
    const { data } = image;
    for (let i = 0; i < data.length; i++) if (data[i] >= threshold) data[i] = 1 - data[i];
    return image;
  }
  function autoContrast(image) {
    const { data, channels } = image;
    const plane = data.length / channels;
    for (let start = 0; start < data.length; start += plane) {
      let least = Number.POSITIVE_INFINITY;
      let most = Number.NEGATIVE_INFINITY;
      for (let i = start; i < start + plane; i++) {
        if (data[i] < least) least = data[i];
        if (data[i] > most) most = data[i];
      }
      if (least === most) continue;
      const scale = 1 / (most - least);
      for (let i = start; i < start + plane; i++) data[i] = (data[i] - least) * scale;
    }
    return image;
  }
  function equalize(image) {
    const { data, channels } = image;
    const plane = data.length / channels;
    const histogram = new Int32Array(256);
    const table = new Float32Array(256);
    for (let start = 0; start < data.length; start += plane) {
      histogram.fill(0);
      for (let i = start; i < start + plane; i++) histogram[byteOf(data[i])]++;
      let brightest = 255;
      while (histogram[brightest] === 0) brightest--;
      const step = Math.floor((plane - histogram[brightest]) / 255);
      if (step === 0) continue;
      let below = Math.floor(step / 2);
      for (let byte = 0; byte < 256; byte++) {
        table[byte] = Math.min(255, Math.floor(below / step)) / 255;
        below += histogram[byte];
      }
      for (let i = start; i < start + plane; i++) data[i] = table[byteOf(data[i])];
    }
    return image;
  }
  function adjustSharpness(image, factor) {
    const { data, channels, height, width } = image;
    const above = new Float32Array(width);
    const row = new Float32Array(width);
    for (let c = 0; c < channels; c++) {
      const start = c * height * width;
      above.set(data.subarray(start, start + width));
      for (let h = 1; h < height - 1; h++) {
        const at = start + h * width;
        row.set(data.subarray(at, at + width));
        for (let w = 1; w < width - 1; w++) {
          const below = at + width + w;
          const around = above[w - 1] + above[w] + above[w + 1] + row[w - 1] + row[w + 1];
          const smooth = (around + data[below - 1] + data[below] + data[below + 1] + 5 * row[w]) / 13;
          data[at + w] = Math.min(1, Math.max(0, factor * row[w] + (1 - factor) * smooth));
        }
        above.set(row);
      }
    }
    return image;
  }
  function byteOf(value) {
    return Math.min(255, Math.max(0, Math.round(255 * value)));
  }

  // src/data/transforms/randAugment.ts
  var move = (placement) => (image, { level, sign, sampling, spare }) => warp(image, placement(sign * level, image), sampling, spare);
  var lean = (slope) => Math.atan(slope) * 180 / Math.PI;
  var shiftOf = (level, size) => Math.trunc(level * 150 * size / 331);
  var RAND_AUGMENT_OPERATIONS = {
    Identity: (image) => image,
    ShearX: move((level) => ({ shear: [lean(0.3 * level), 0], about: "corner" })),
    ShearY: move((level) => ({ shear: [0, lean(0.3 * level)], about: "corner" })),
    TranslateX: move((level, { width }) => ({ translate: [shiftOf(level, width), 0] })),
    TranslateY: move((level, { height }) => ({ translate: [0, shiftOf(level, height)] })),
    Rotate: move((level) => ({ angle: -30 * level })),
    Brightness: (image, { level, sign }) => adjustBrightness(image, 1 + 0.9 * sign * level),
    Color: (image, { level, sign }) => adjustSaturation(image, 1 + 0.9 * sign * level),
    Contrast: (image, { level, sign }) => adjustContrast(image, 1 + 0.9 * sign * level),
    Sharpness: (image, { level, sign }) => adjustSharpness(image, 1 + 0.9 * sign * level),
    Posterize: (image, { level }) => posterize(image, 8 - Math.round(4 * level)),
    Solarize: (image, { level }) => solarize(image, 1 - level),
    AutoContrast: (image) => autoContrast(image),
    Equalize: (image) => equalize(image)
  };
  var operations = Object.values(RAND_AUGMENT_OPERATIONS);
  function randAugment(options = {}) {
    checkOptions("randAugment", options, ["numOps", "magnitude", "numMagnitudeBins", ...SAMPLING_OPTIONS]);
    const { numOps = 2, magnitude = 9, numMagnitudeBins = 31 } = options;
    checkWhole("randAugment", "numOps", numOps, 1);
    checkWhole("randAugment", "numMagnitudeBins", numMagnitudeBins, 2);
    if (!(magnitude >= 0 && magnitude <= numMagnitudeBins - 1)) {
      throw new ArgumentError(
        \`randAugment: magnitude is \${magnitude}, but must lie between 0 and \${numMagnitudeBins - 1}, one less than numMagnitudeBins.\`
      );
    }
    checkSampling("randAugment", options);
    const level = magnitude / (numMagnitudeBins - 1);
    const spares = Array.from({ length: numOps }, () => new Spare());
    return described("randAugment", [options], (image, random) => {
      let result = image;
      for (const spare of spares) {
        const operation = operations[random.integer(operations.length)];
        const sign = random.uniform() < 0.5 ? 1 : -1;
        result = operation(result, { level, sign, sampling: options, spare });
      }
      return result;
    });
  }

  // src/data/transforms/shift.ts
  function randomCrop(padding, mode = "zero") {
    return shifts("randomCrop", "padding", padding, mode);
  }
  function translate(pixels, mode = "reflect") {
    return shifts("translate", "pixels", pixels, mode);
  }
  function shifts(name, option, reach, mode) {
    if (!Number.isInteger(reach) || reach < 0) {
      throw new ArgumentError(\`\${name}: \${option} is \${reach}, but must be a whole number >= 0.\`);
    }
    checkPadding(name, "mode", mode);
    const spare = new Spare();
    return described(name, [reach, mode], (image, random) => {
      const down = random.integer(2 * reach + 1) - reach;
      const right = random.integer(2 * reach + 1) - reach;
      return shift(image, down, right, mode, spare);
    });
  }
  function shift(image, down, right, mode, spare) {
    const { data: x, channels, height, width } = image;
    const rows = sources(height, down, mode);
    const columns = sources(width, right, mode);
    const y = spare.beside(x);
    let at = 0;
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < height; p++) {
        const row = rows[p] < 0 ? -1 : (c * height + rows[p]) * width;
        for (let q = 0; q < width; q++) y[at++] = row < 0 || columns[q] < 0 ? 0 : x[row + columns[q]];
      }
    }
    return { data: y, channels, height, width };
  }
  function sources(n, shift2, mode) {
    const from = new Int32Array(n);
    for (let i = 0; i < n; i++) from[i] = pixelAt(i + shift2, n, mode);
    return from;
  }

  // src/data/transforms/registry.ts
  var TRANSFORM_MAKERS = {
    alternatingFlip,
    centerCrop,
    colorJitter,
    compose,
    cutout,
    normalize,
    progressiveResize,
    randAugment,
    randomAffine,
    randomCrop,
    randomErasing,
    randomGrayscale,
    randomHorizontalFlip,
    randomResizedCrop,
    randomRotation,
    randomScale,
    randomVerticalFlip,
    resize,
    translate
  };
  function transformFrom(spec) {
    if (!Object.hasOwn(TRANSFORM_MAKERS, spec.name)) {
      throw new ArgumentError(\`transformFrom: there is no transform '\${spec.name}'.\`);
    }
    const make2 = TRANSFORM_MAKERS[spec.name];
    return make2(...spec.parts.map(transformFrom), ...spec.options);
  }

  // src/data/workers/program.ts
  function serve({ port, signal }) {
    const stackers = /* @__PURE__ */ new Map();
    port.onmessage = ({ data: job }) => {
      const answer = make(stackers, job);
      port.postMessage(answer, "stack" in answer ? [answer.stack.pixels.buffer] : []);
      if (signal !== void 0) {
        Atomics.add(signal, 0, 1);
        Atomics.notify(signal, 0);
      }
    };
  }
  function make(stackers, { id, making, plan, images, spare }) {
    try {
      let stacker = stackers.get(making);
      if (stacker === void 0) {
        const { shape, transform, last } = JSON.parse(making);
        stacker = new Stacker(shape, transform && transformFrom(transform), last && transformFrom(last));
        stackers.set(making, stacker);
      }
      if (spare !== void 0) stacker.reuse(spare);
      const size = images.length / plan.indices.length;
      return { id, stack: stacker.stack((n) => images.subarray(n * size, (n + 1) * size), plan) };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
      return { id, error: { name, message } };
    }
  }
  var threads = nodeModule("node:worker_threads");
  if (threads !== void 0) serve(threads.workerData);
  else self.onmessage = ({ data }) => serve(data);
})();`;
