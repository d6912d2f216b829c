/** Names of users and groups, from /etc/passwd and /etc/group (and getent where those do not know). */
export interface Users {
  user(
    nameOrId: string,
  ): Promise<
    { readonly uid: number; readonly gid: number; readonly home: string; readonly name: string } | undefined
  >;
  group(nameOrId: string): Promise<{ readonly gid: number; readonly name: string } | undefined>;
  nameOf(uid: number): Promise<string>;
}
