import { describe, expect, it } from "vitest";
import * as checks from "./checks";

describe("what is typed", () => {
  it.each([
    ["https://example.org/a.iso", null],
    ["http://[::1]:8080/a", null],
    ["ftp://example.org/a", "urlScheme"],
    ["javascript:alert(1)", "url"],
    ["example.org/a", "url"],
    ["https://", "url"],
    [`https://example.org/${"a".repeat(9000)}`, "tooLong"],
  ])("%s as an address: %s", (text, complaint) => {
    expect(checks.checkUrl(text)).toBe(complaint);
  });

  it.each([
    ["ubuntu.iso", null],
    ["文件.zip", null],
    ["", "nameEmpty"],
    ["a/b", "nameSlash"],
    ["..", "nameReserved"],
    ["CON.txt", "nameReserved"],
    ["ends with a dot.", "nameReserved"],
    ["ü".repeat(128), "nameLong"],
  ])("%s as a name: %s", (name, complaint) => {
    expect(checks.checkFileName(name)).toBe(complaint);
  });

  it.each([
    ["d41d8cd98f00b204e9800998ecf8427e", "md5:d41d8cd98f00b204e9800998ecf8427e"],
    [`SHA256: ${"AB".repeat(32)}`, `sha-256:${"ab".repeat(32)}`],
    [`sha-1=${"0".repeat(40)}`, `sha-1:${"0".repeat(40)}`],
    [`md5:${"0".repeat(40)}`, null],
    ["abc", null],
    // The engine does not know it.
    [`sha-384:${"0".repeat(96)}`, null],
    ["0".repeat(96), null],
    [`BLAKE3:${"0".repeat(64)}`, `blake3:${"0".repeat(64)}`],
    ["crc-32c:0123abcd", "crc32c:0123abcd"],
    ["0123abcd", null],
  ])("%s as a digest: %s", (text, digest) => {
    expect(checks.readChecksum(text)).toBe(digest);
  });

  it.each([
    ["Accept-Language: tr\nX-Token: a:b", null],
    ["", null],
    ["no colon", "header"],
    ["Bad Name: x", "header"],
    ["Range: bytes=0-", "headerOurs"],
  ])("%j as headers: %s", (text, complaint) => {
    expect(checks.checkHeaders(text)).toBe(complaint);
  });

  it.each([
    ["socks5://127.0.0.1:1080", null],
    ["http://user:pass@proxy:8080", null],
    ["ftp://proxy", "proxy"],
    ["proxy:8080", "proxy"],
  ])("%s as a proxy: %s", (text, complaint) => {
    expect(checks.checkProxy(text)).toBe(complaint);
  });

  it.each([
    ["Mozilla/5.0 (X11; Linux x86_64)", null],
    ["", "userAgent"],
    ["Göçmen/1.0", "userAgent"],
    ["a".repeat(2000), "tooLong"],
  ])("%s as a user agent: %s", (text, complaint) => {
    expect(checks.checkUserAgent(text)).toBe(complaint);
  });

  it("holds extensions however they are separated", () => {
    expect(checks.readExtensions(".ISO, img;*.bin  iso")).toEqual(["iso", "img", "bin"]);
    expect(checks.checkExtensions("tar.gz")).toBe("extension");
  });
});
