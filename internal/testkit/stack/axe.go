package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// The accessibility checker that browser tests run, from the npm registry.
const (
	axeVersion = "4.14.1"
	axeSHA256  = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c" // of axe.min.js
)

// AxeCore returns the script of axe-core, which checks a page against the rules of WCAG. It is fetched once.
func (s *Stack) AxeCore(ctx context.Context) (string, error) {
	dir := filepath.Join(s.CacheDir, "axe-core-"+axeVersion)
	if err := s.fetchNPM(ctx, dir, "axe-core@"+axeVersion); err != nil {
		return "", err
	}
	script, err := os.ReadFile(filepath.Join(dir, "package", "axe.min.js"))
	if err != nil {
		return "", err
	}
	if hash := sha256.Sum256(script); hex.EncodeToString(hash[:]) != axeSHA256 {
		return "", fmt.Errorf("axe-core %s is not the one that is known: delete %s", axeVersion, dir)
	}
	return string(script), nil
}
