/** The texts of one language: by namespace, which is the name of the JSON file and of the feature it belongs to. */
export type Texts = Record<string, object>;

/** Names each file's texts by the file. */
export function namespacesOf(files: Record<string, object>): Texts {
  return Object.fromEntries(
    Object.entries(files).map(([path, texts]) => [path.replace(/^.*\/|\.json$/g, ""), texts]),
  );
}
