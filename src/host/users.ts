/** Names of users and groups, from /etc/passwd and /etc/group (and getent where those do not know). */
export interface Users {
  /** By name, or by number in digits; undefined when there is none. */
  user(
    nameOrId: string,
  ): Promise<
    { readonly uid: number; readonly gid: number; readonly home: string; readonly name: string } | undefined
  >;
  /** As `user`, of a group. */
  group(nameOrId: string): Promise<{ readonly gid: number; readonly name: string } | undefined>;
  /** The name of a user, or the number in digits where it has none. */
  nameOf(uid: number): Promise<string>;
}
