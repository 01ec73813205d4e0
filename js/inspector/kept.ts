// What the browser keeps between two visits. It may keep nothing, by its settings: then each visit is the first.

function keptIn(storage: () => Storage, name: string) {
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch {
      return undefined;
    }
  };
  return {
    get: (): string | undefined => attempt(() => storage().getItem(name)) ?? undefined,
    set: (value: string): void => void attempt(() => storage().setItem(name, value)),
    forget: (): void => void attempt(() => storage().removeItem(name)),
  };
}

/** The token, until the tab is closed. */
export const token = keptIn(() => sessionStorage, "znsocket.token");

export const theme = keptIn(() => localStorage, "znsocket.theme");
