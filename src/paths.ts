/**
 * Where this program's own files lie. Its modules run one by one out of `dist/`, or bundled into one file there, so a
 * place beside the code is told from here and from nowhere else.
 */

/** A file or folder of the package, such as `migrations`. */
export function packageFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url)
}

/** What the build lays beside the code: a module that runs in threads of its own, or a graph that was converted. */
export function builtFile(path: string): URL {
  return new URL(path, import.meta.url)
}
