package stack

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func archiveOf(t *testing.T, entries ...tar.Header) *bytes.Buffer {
	t.Helper()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, entry := range entries {
		content := []byte("content")
		if entry.Typeflag == tar.TypeReg {
			entry.Size = int64(len(content))
		}
		if err := w.WriteHeader(&entry); err != nil {
			t.Fatal(err)
		}
		if entry.Typeflag == tar.TypeReg {
			if _, err := w.Write(content); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &archive
}

func TestAnArchiveIsUnpackedWithItsLinksAndModes(t *testing.T) {
	dir := t.TempDir()
	err := unpack(archiveOf(t,
		tar.Header{Name: "./", Typeflag: tar.TypeDir, Mode: 0o700},
		tar.Header{Name: "./lib/", Typeflag: tar.TypeDir, Mode: 0o700},
		tar.Header{Name: "./lib/real.so.5", Typeflag: tar.TypeReg, Mode: 0o644},
		tar.Header{Name: "lib/real.so", Typeflag: tar.TypeSymlink, Linkname: "real.so.5"},
		tar.Header{Name: "bin/deep/program", Typeflag: tar.TypeReg, Mode: 0o755},
	), dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"lib/real.so": 0o644, "bin/deep/program": 0o755, "bin/deep": 0o755 | os.ModeDir} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v; want mode %v", name, info, err, mode)
		}
	}
}

func TestNothingIsUnpackedOutsideOfTheFolder(t *testing.T) {
	out := tar.Header{Name: "out", Typeflag: tar.TypeSymlink, Linkname: "../outside"}
	tests := map[string][]tar.Header{
		"a name with dots":       {{Name: "../outside/file", Typeflag: tar.TypeReg, Mode: 0o644}},
		"dots in the middle":     {{Name: "a/../../outside/file", Typeflag: tar.TypeReg, Mode: 0o644}},
		"an absolute name":       {{Name: "/outside/file", Typeflag: tar.TypeReg, Mode: 0o644}},
		"a link that leads out":  {out},
		"an absolute link":       {{Name: "out", Typeflag: tar.TypeSymlink, Linkname: "/etc"}},
		"a hard link":            {{Name: "out", Typeflag: tar.TypeLink, Linkname: "../outside/file"}},
		"a device":               {{Name: "out", Typeflag: tar.TypeChar}},
		"a file in place of one": {{Name: "twice", Typeflag: tar.TypeReg}, {Name: "twice", Typeflag: tar.TypeReg}},
	}
	for name, entries := range tests {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "inside")
			for _, folder := range []string{dir, filepath.Join(parent, "outside")} {
				if err := os.Mkdir(folder, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := unpack(archiveOf(t, entries...), dir); err == nil {
				t.Error("it was taken")
			}
			left, err := os.ReadDir(filepath.Join(parent, "outside"))
			if err != nil || len(left) != 0 {
				t.Errorf("outside holds %v, %v", left, err)
			}
		})
	}
}

func TestAnExistingLinkIsNotFollowedOutOfTheFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := unpack(archiveOf(t, tar.Header{Name: "link/file", Typeflag: tar.TypeReg}), dir); err == nil {
		t.Error("it was taken")
	}
}
