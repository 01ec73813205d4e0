/** Calls a listener, whose failure is nobody else's. */
export function attempt(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    rethrow(error);
  }
}

/** Throws an error where nobody is to be in its way. */
export function rethrow(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
