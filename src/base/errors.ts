/** The root of every error that stridenet throws on purpose: `catch (e) { if (e instanceof StridenetError) ... }`. */
export class StridenetError extends Error {
  /** The name of the class. It stays readable in minified programs. */
  override readonly name: string = 'StridenetError';
}

/** Shapes that do not fit each other or the operation. */
export class ShapeError extends StridenetError {
  override readonly name = 'ShapeError';
}

/** An option or argument outside its range, of the wrong kind, or with an unknown name. */
export class ArgumentError extends StridenetError {
  override readonly name = 'ArgumentError';
}

/** A data set that is missing, empty, truncated or holds values out of range. */
export class DataError extends StridenetError {
  override readonly name = 'DataError';
}

/** Bytes that are not what their file format says. */
export class FormatError extends StridenetError {
  override readonly name = 'FormatError';
}

/** Keys or shapes of a state dict that do not match the model's. */
export class StateDictError extends StridenetError {
  override readonly name = 'StateDictError';
}

/** The heap cannot grow to what an operation asked for. */
export class OutOfMemoryError extends StridenetError {
  override readonly name = 'OutOfMemoryError';
}

/** A tensor, tape or scope used after it was released. */
export class DisposedError extends StridenetError {
  override readonly name = 'DisposedError';
}

/** A loss or a value that is NaN or infinite where training needs a finite one. */
export class NonFiniteError extends StridenetError {
  override readonly name = 'NonFiniteError';
}

/** A group of processes that cannot form, or that has lost one of its ranks. */
export class GroupError extends StridenetError {
  override readonly name = 'GroupError';
}

/** A model whose forward pass cannot be written down as a graph. */
export class CaptureError extends StridenetError {
  override readonly name = 'CaptureError';
}
