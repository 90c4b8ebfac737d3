package cli

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/jwtauth"
)

const (
	// secretBytes is the entropy of a fresh secret; it is written in base64url, 64 characters.
	secretBytes = 48
	// onlyOwner: the file holds secrets.
	onlyOwner fs.FileMode = 0o600
)

type initCommand struct{}

// Run makes a .env that works at once: a random JWT secret, API keys signed with it, and a random Neo4j password.
func (initCommand) Run(p Process, line *commandLine) error {
	path := line.EnvFile
	if path == "" {
		path = defaultEnvFile
	}
	content, err := freshSettings(time.Now())
	if err != nil {
		return failf("%v", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, onlyOwner)
	if errors.Is(err, fs.ErrExist) {
		return failf("%s is there already and was left as it is", path)
	}
	if err != nil {
		return failf("%v", err)
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(path) // half a file would keep the next try from making a whole one
		return failf("%v", err)
	}
	_, _ = fmt.Fprintf(p.Stderr, "made %s with fresh secrets, readable by you alone\n", path)
	return nil
}

func freshSettings(now time.Time) ([]byte, error) {
	jwtSecret := freshSecret()
	anonKey, err := jwtauth.SignAPIKey(jwtSecret, jwtauth.AnonKey, now)
	if err != nil {
		return nil, err
	}
	serviceRoleKey, err := jwtauth.SignAPIKey(jwtSecret, jwtauth.ServiceRoleKey, now)
	if err != nil {
		return nil, err
	}
	return config.Example(map[string]string{
		"SUPABASE_JWT_SECRET":       jwtSecret,
		"SUPABASE_ANON_KEY":         anonKey,
		"SUPABASE_SERVICE_ROLE_KEY": serviceRoleKey,
		"NEO4J_PASSWORD":            freshSecret(),
	})
}

func freshSecret() string {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the program first
	return base64.RawURLEncoding.EncodeToString(secret)
}
