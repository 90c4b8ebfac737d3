package stack

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/ulikunitz/xz"
)

// unpack writes a tar archive into dir. No entry or link leads out of it.
// The modes are the archive's, whatever the umask: another user may have to run these files.
func unpack(archive io.Reader, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for entries := tar.NewReader(archive); ; {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := unpackEntry(root, header, entries); err != nil {
			return fmt.Errorf("unpack %q: %w", header.Name, err)
		}
	}
}

func unpackEntry(root *os.Root, header *tar.Header, content io.Reader) error {
	name := path.Clean(header.Name)
	if !filepath.IsLocal(name) {
		return errors.New("the name leads out of the archive")
	}
	switch header.Typeflag {
	case tar.TypeDir:
		return makeFolder(root, name)
	case tar.TypeSymlink:
		if path.IsAbs(header.Linkname) || !filepath.IsLocal(path.Join(path.Dir(name), header.Linkname)) {
			return errors.New("the link leads out of the archive")
		}
		return root.Symlink(header.Linkname, name)
	case tar.TypeReg:
		return unpackFile(root, name, header.FileInfo().Mode().Perm(), content)
	default:
		return fmt.Errorf("entries of type %q are not expected", header.Typeflag)
	}
}

func unpackFile(root *os.Root, name string, mode os.FileMode, content io.Reader) error {
	if err := makeFolder(root, path.Dir(name)); err != nil {
		return err
	}
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Chmod(mode), file.Close())
}

// makeFolder makes a folder, and those above it, that every user can read.
func makeFolder(root *os.Root, name string) error {
	if name == "." {
		return nil
	}
	if err := makeFolder(root, path.Dir(name)); err != nil {
		return err
	}
	if err := root.Mkdir(name, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return root.Chmod(name, 0o755)
}

// unpackJar unpacks the one .txz that the jar of PostgreSQL's binaries holds.
func unpackJar(jar, dir string) error {
	files, err := zip.OpenReader(jar)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }()
	inner := slices.IndexFunc(files.File, func(file *zip.File) bool { return filepath.Ext(file.Name) == ".txz" })
	if inner < 0 {
		return fmt.Errorf("%s holds no .txz archive", filepath.Base(jar))
	}
	packed, err := files.File[inner].Open()
	if err != nil {
		return err
	}
	defer func() { _ = packed.Close() }()
	archive, err := xz.NewReader(bufio.NewReader(packed))
	if err != nil {
		return err
	}
	return unpack(archive, dir)
}

func unpackGzip(path, dir string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	archive, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	return unpack(archive, dir)
}
