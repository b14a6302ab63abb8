//! What kind of file it is, and which category it belongs to: by its name alone.

use gannet_schema::{Category, CategoryId, FileKind};

const VIDEO: &[&str] = &[
    "3gp", "asf", "avi", "f4v", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogv", "rm",
    "rmvb", "ts", "vob", "webm", "wmv",
];
const AUDIO: &[&str] = &[
    "aac", "aif", "aiff", "alac", "ape", "dsf", "flac", "m4a", "m4b", "mid", "midi", "mka", "mp3", "oga",
    "ogg", "opus", "wav", "weba", "wma", "wv",
];
const IMAGE: &[&str] = &[
    "ai", "arw", "avif", "bmp", "cr2", "cr3", "dng", "eps", "gif", "heic", "heif", "ico", "jfif", "jp2",
    "jpeg", "jpg", "jxl", "nef", "png", "psd", "raf", "svg", "svgz", "tga", "tif", "tiff", "webp", "xcf",
];
const DOCUMENT: &[&str] = &[
    "azw3", "cbr", "cbz", "chm", "csv", "djvu", "doc", "docx", "epub", "fb2", "htm", "html", "json", "key",
    "log", "md", "mobi", "numbers", "odp", "ods", "odt", "pages", "pdf", "ppt", "pptx", "ps", "rtf", "srt",
    "tex", "txt", "xls", "xlsx", "xml",
];
const ARCHIVE: &[&str] = &[
    "7z", "ace", "arj", "cab", "cpio", "lha", "lzh", "rar", "sit", "tar", "taz", "tbz", "tbz2", "tgz", "tlz",
    "txz", "tzst", "xar", "zip", "zipx",
];
const DISK_IMAGE: &[&str] = &[
    "cdr", "cue", "dmg", "img", "iso", "mdf", "mds", "nrg", "ova", "qcow", "qcow2", "raw", "toast", "vdi",
    "vhd", "vhdx", "vmdk", "wim",
];
const PROGRAM: &[&str] = &[
    "aab",
    "apk",
    "apkm",
    "appimage",
    "appx",
    "bat",
    "crx",
    "deb",
    "exe",
    "flatpak",
    "flatpakref",
    "ipa",
    "jar",
    "msi",
    "msix",
    "msixbundle",
    "msu",
    "pkg",
    "rpm",
    "run",
    "sh",
    "snap",
    "vsix",
    "whl",
    "xapk",
    "xpi",
];

/// Around one file or a tar: what is inside decides, where that says something.
const COMPRESSION: &[&str] = &["br", "bz2", "gz", "lz", "lz4", "lzma", "lzo", "xz", "z", "zst"];

/// What kind of file it is. `.tar.zst` is an archive, `.img.xz` an image of a disk, `.7z.001` what `.7z` is.
pub fn file_kind(name: &str) -> FileKind {
    let lowercase = name.to_lowercase();
    let mut extensions = lowercase.rsplit('.');
    // The first part is no extension: a file named "zip" is none.
    let last = extensions.next().unwrap_or_default();
    let Some(before) = extensions.next() else {
        return FileKind::Other;
    };
    let has_two = extensions.next().is_some();
    if COMPRESSION.contains(&last) {
        return match kind_of_extension(before) {
            FileKind::DiskImage if has_two => FileKind::DiskImage,
            _ => FileKind::Archive,
        };
    }
    if has_two && is_volume_number(last) {
        return kind_of_extension(before);
    }
    if is_rar_volume(last) {
        return FileKind::Archive;
    }
    kind_of_extension(last)
}

/// The category that a file of this name belongs to by itself: by extension first, the longest one, then by kind; of
/// several that fit, the first.
pub fn category_of(name: &str, categories: &[Category]) -> Option<CategoryId> {
    let lowercase = name.to_lowercase();
    let mut by_extension: Option<(usize, CategoryId)> = None;
    for category in categories {
        for extension in &category.extensions {
            let extension = extension.trim_start_matches('.').to_lowercase();
            let length = extension.len();
            if has_extension(&lowercase, &extension)
                && by_extension.is_none_or(|(longest, _)| length > longest)
            {
                by_extension = Some((length, category.id));
            }
        }
    }
    let kind = file_kind(name);
    let by_kind = || {
        categories
            .iter()
            .find(|category| category.file_kinds.contains(&kind))
            .map(|category| category.id)
    };
    by_extension.map(|(_, id)| id).or_else(by_kind)
}

fn has_extension(name: &str, extension: &str) -> bool {
    !extension.is_empty()
        && name
            .strip_suffix(extension)
            .and_then(|stem| stem.strip_suffix('.'))
            .is_some_and(|stem| !stem.is_empty())
}

fn kind_of_extension(extension: &str) -> FileKind {
    [
        (VIDEO, FileKind::Video),
        (AUDIO, FileKind::Audio),
        (IMAGE, FileKind::Image),
        (DOCUMENT, FileKind::Document),
        (ARCHIVE, FileKind::Archive),
        (DISK_IMAGE, FileKind::DiskImage),
        (PROGRAM, FileKind::Program),
    ]
    .into_iter()
    .find_map(|(extensions, kind)| extensions.contains(&extension).then_some(kind))
    .unwrap_or(FileKind::Other)
}

/// `001` of `film.7z.001`.
fn is_volume_number(extension: &str) -> bool {
    (2..=4).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_digit())
}

/// `r00` of `film.r00`, `z01` of `film.z01`.
fn is_rar_volume(extension: &str) -> bool {
    extension
        .strip_prefix(['r', 'z'])
        .is_some_and(|number| number.len() == 2 && is_volume_number(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kinds_are_told_by_the_name() {
        for (name, expected) in [
            ("film.mkv", FileKind::Video),
            ("FILM.MKV", FileKind::Video),
            ("song.opus", FileKind::Audio),
            ("photo.JPEG", FileKind::Image),
            ("book.pdf", FileKind::Document),
            ("linux-6.12.tar.zst", FileKind::Archive),
            ("dump.sql.gz", FileKind::Archive),
            ("debian.iso", FileKind::DiskImage),
            ("raspios.img.xz", FileKind::DiskImage),
            ("iso.xz", FileKind::Archive),
            ("film.7z.001", FileKind::Archive),
            ("film.mkv.002", FileKind::Video),
            ("film.part2.rar", FileKind::Archive),
            ("film.r00", FileKind::Archive),
            ("setup.exe", FileKind::Program),
            ("tool_1.0_amd64.deb", FileKind::Program),
            ("zip", FileKind::Other),
            ("version-1.001", FileKind::Other),
            ("strange.xyz", FileKind::Other),
            ("", FileKind::Other),
            (".", FileKind::Other),
        ] {
            assert_eq!(file_kind(name), expected, "{name}");
        }
    }

    fn category(id: u32, file_kinds: &[FileKind], extensions: &[&str]) -> Category {
        Category {
            id: CategoryId(id),
            name: format!("category {id}"),
            file_kinds: file_kinds.to_vec(),
            extensions: extensions.iter().map(|&extension| extension.to_owned()).collect(),
            folder: None,
        }
    }

    #[test]
    fn an_extension_goes_before_a_kind_and_the_longer_before_the_shorter() {
        let categories = [
            category(1, &[FileKind::Archive, FileKind::Video], &[]),
            category(2, &[], &["zst", ".ISO"]),
            category(3, &[], &["tar.zst"]),
            category(4, &[FileKind::Video], &[]),
        ];
        for (name, expected) in [
            ("a.zip", Some(1)),
            ("a.zst", Some(2)),
            ("a.tar.zst", Some(3)),
            ("A.TAR.ZST", Some(3)),
            ("a.iso", Some(2)),
            ("a.mkv", Some(1)),
            ("a.mp3", None),
            ("tar.zst", Some(2)),
            ("noiso", None),
        ] {
            assert_eq!(category_of(name, &categories), expected.map(CategoryId), "{name}");
        }
    }

    #[test]
    fn no_extension_is_of_two_kinds() {
        let mut all = [
            VIDEO,
            AUDIO,
            IMAGE,
            DOCUMENT,
            ARCHIVE,
            DISK_IMAGE,
            PROGRAM,
            COMPRESSION,
        ]
        .concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    proptest! {
        #[test]
        fn no_name_makes_it_panic(name in any::<String>()) {
            file_kind(&name);
            category_of(&name, &[category(1, &[FileKind::Other], &["", "é"])]);
        }
    }
}
