package cli_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/bootstrap/cli"
)

func TestAFolderWithoutSettingsIsToldOfInit(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, test := range map[string]struct {
		environment map[string]string
		arguments   []string
		file        bool
		told        bool
	}{
		"nothing is there":        {nil, []string{"config"}, false, true},
		"the service starts":      {nil, nil, false, true},
		"a file was named":        {nil, []string{"config", "--env-file", "other.env"}, false, false},
		"production":              {map[string]string{"APP_ENV": "production"}, []string{"config"}, false, false},
		"a file that is not full": {nil, []string{"config"}, true, false},
	} {
		if test.file {
			if err := os.WriteFile(".env", []byte("NEO4J_USERNAME=neo4j\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		} else {
			_ = os.Remove(".env")
		}
		var stdout, stderr bytes.Buffer
		code := cli.Execute(cli.Process{Arguments: test.arguments, Environment: test.environment, Stdout: &stdout, Stderr: &stderr})
		if told := strings.Contains(stderr.String(), "journey-api init makes one with fresh secrets"); code != cli.ExitUsage || told != test.told {
			t.Errorf("%s: %d, %s", name, code, stderr.String())
		}
	}
}
