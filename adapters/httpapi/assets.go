package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// assetsCache lets a browser cache a page's own files for an hour; they change only with the binary.
const assetsCache = "public, max-age=3600"

// asset is an embedded file in its representations.
type asset struct {
	// extension names its media type.
	extension string
	plain     representation
	// gzipped has no bytes if the file is embedded uncompressed.
	gzipped representation
}

// representation is one form of a file with an entity tag of its own (RFC 9110, section 8.8.3.3).
type representation struct {
	tag   string
	bytes func() ([]byte, error)
}

// readAssets reads every file of a flat folder. One that ends in .gz is served under its name without that ending, and
// unpacked on the first request that needs it unpacked.
func readAssets(folder fs.FS) (map[string]asset, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	assets := map[string]asset{}
	for _, entry := range entries {
		content, err := fs.ReadFile(folder, entry.Name())
		if err != nil {
			return nil, err
		}
		name, packed := strings.CutSuffix(entry.Name(), ".gz")
		hash := sha256.Sum256(content)
		tag := base64.RawURLEncoding.EncodeToString(hash[:12])
		embedded := func() ([]byte, error) { return content, nil }
		read := asset{extension: path.Ext(name), plain: representation{`"` + tag + `"`, embedded}}
		if packed {
			read.gzipped = representation{`"` + tag + `-gzip"`, embedded}
			read.plain.bytes = sync.OnceValues(func() ([]byte, error) { return unpacked(content) })
		}
		assets[name] = read
	}
	return assets, nil
}

func unpacked(content []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

// showAsset serves one of the files, or 304 if the caller has it already.
func showAsset(c *fiber.Ctx, assets map[string]asset) error {
	found, ok := assets[exchangeOf(c).parameters["asset"]]
	if !ok {
		return errNoRoute
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderCacheControl, assetsCache)
	shown := found.plain
	if found.gzipped.bytes != nil && c.AcceptsEncodings("identity", "gzip") == "gzip" {
		shown = found.gzipped
	}
	c.Set(fiber.HeaderETag, shown.tag)
	// A request with only a date is not compared: no file has one.
	if c.Get(fiber.HeaderIfNoneMatch) != "" && c.Fresh() {
		c.Status(http.StatusNotModified)
		return nil
	}
	content, err := shown.bytes()
	if err != nil {
		return err
	}
	if shown.tag == found.gzipped.tag {
		c.Set(fiber.HeaderContentEncoding, "gzip")
	}
	return c.Type(found.extension).Send(content)
}
