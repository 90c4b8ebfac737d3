//go:build unix

package check

import (
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// deployedSettings are the variables of the pod's container, with a sample for every secret.
func deployedSettings(kinds map[string]manifest, optionalSecrets bool) map[string]string {
	settings := maps.Clone(kinds["ConfigMap"].Data)
	for _, variable := range podOf(kinds).Containers[0].Env {
		switch secret := variable.ValueFrom.SecretKeyRef; {
		case secret.Key == "":
		case secret.Key == "DATABASE_URL":
			settings[variable.Name] = "postgres://journey:sample@db.example.org:5432/postgres?sslmode=require"
		case !secret.Optional:
			settings[variable.Name] = "sample-" + secret.Key
		case optionalSecrets:
			settings[variable.Name] = "0f3ZqT8mW1xK7cR5vB9nJ2hL6dS4gY0pA3eU8iO1" + secret.Key
		}
	}
	return settings
}

// configured is what `journey-api config` says with these variables alone.
func configured(t *testing.T, settings map[string]string) string {
	t.Helper()
	needsLinux(t)
	command := exec.CommandContext(t.Context(), installed(t), "config")
	command.Dir, command.Env = t.TempDir(), []string{}
	for name, value := range settings {
		command.Env = append(command.Env, name+"="+value)
	}
	output, err := command.CombinedOutput()
	if code := exitCode(t, err); code != 0 || strings.Contains(string(output), "warning") {
		t.Fatalf("exit code %d\n%s", code, output)
	}
	return string(output)
}

// inForce returns the rows of `journey-api config`, by the setting's name.
func inForce(t *testing.T, settings map[string]string) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for _, row := range regexp.MustCompile(`(?m)^([A-Z0-9_]+)\s+(.*?)\s+(environment|default)$`).FindAllStringSubmatch(configured(t, settings), -1) {
		rows[row[1]] = row[2:]
	}
	return rows
}

func TestTheServiceTakesWhatTheManifestsGiveIt(t *testing.T) {
	kinds := manifests(t)
	for name, optional := range map[string]bool{"with signing keys": false, "with a shared secret that is being rotated": true} {
		t.Run(name, func(t *testing.T) {
			settings := deployedSettings(kinds, optional)
			rows := inForce(t, settings)
			for name := range settings {
				if row := rows[name]; len(row) != 2 || row[1] != "environment" {
					t.Errorf("%s is no setting of the service: %q", name, row)
				}
			}
			if rows["APP_ENV"][0] != "production" {
				t.Error("it does not run in production mode")
			}
		})
	}
}

func TestSecretsComeFromTheSecretAlone(t *testing.T) {
	kinds := manifests(t)
	rows := inForce(t, deployedSettings(kinds, true))
	for name := range kinds["ConfigMap"].Data {
		if rows[name][0] == "***" {
			t.Errorf("%s is a secret, and stands in %s/settings.env", name, manifestFolder)
		}
	}
	for _, variable := range podOf(kinds).Containers[0].Env {
		secret := variable.ValueFrom.SecretKeyRef
		switch {
		case slices.Contains([]string{"MEMORY_LIMIT_MIB", "GOMEMLIMIT"}, variable.Name):
		case secret.Key != variable.Name || secret.Name != "journey-api" || rows[variable.Name][0] != "***":
			t.Errorf("%s is %q of Secret %q", variable.Name, secret.Key, secret.Name)
		}
	}
}

func TestTheSettingsFileListsNoSettingTwice(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(string(read(t, filepath.Join(manifestFolder, "settings.env")))) {
		name, _, isSetting := strings.Cut(line, "=")
		if isSetting && !strings.HasPrefix(line, "#") && seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
	}
}
