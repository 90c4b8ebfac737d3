package check

import (
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// variable is one of the pod's container.
type variable struct {
	Name, Value string
	ValueFrom   struct {
		SecretKeyRef struct {
			Name, Key string
			Optional  bool
		}
		ResourceFieldRef struct{ Resource, Divisor string }
	}
}

// deployedSettings are the variables of the pod's container, with a sample for every secret.
func deployedSettings(t *testing.T, kinds objects, optionalSecrets bool) map[string]string {
	t.Helper()
	settings := kinds["ConfigMap"].GetDataMap()
	for _, variable := range at[[]variable](t, kinds, container0+"env") {
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

func environment(settings map[string]string) []string {
	variables := []string{}
	for name, value := range settings {
		variables = append(variables, name+"="+value)
	}
	return variables
}

// configured is what `journey-api config` says with these variables alone.
func configured(t *testing.T, settings map[string]string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), binary(t), "config")
	command.Dir, command.Env = t.TempDir(), environment(settings)
	said := output(t, command)
	if strings.Contains(said, "warning") {
		t.Fatal(said)
	}
	return said
}

// row is a setting's of `journey-api config`.
type row struct{ value, source string }

// inForce returns the rows of `journey-api config`, by the setting's name.
func inForce(t *testing.T, settings map[string]string) map[string]row {
	t.Helper()
	rows := map[string]row{}
	pattern := regexp.MustCompile(`(?m)^([A-Z0-9_]+)\s+(.*?)\s+(environment|default)$`)
	for _, match := range pattern.FindAllStringSubmatch(configured(t, settings), -1) {
		rows[match[1]] = row{value: match[2], source: match[3]}
	}
	return rows
}

func TestTheServiceTakesWhatTheManifestsGiveIt(t *testing.T) {
	kinds := production(t)
	for name, optional := range map[string]bool{"with signing keys": false, "with a shared secret that is being rotated": true} {
		t.Run(name, func(t *testing.T) {
			settings := deployedSettings(t, kinds, optional)
			rows := inForce(t, settings)
			for name := range settings {
				if rows[name].source != "environment" {
					t.Errorf("%s is no setting of the service", name)
				}
			}
			if rows["APP_ENV"].value != "production" {
				t.Error("it does not run in production mode")
			}
		})
	}
}

func TestSecretsComeFromTheSecretAlone(t *testing.T) {
	kinds := production(t)
	rows := inForce(t, deployedSettings(t, kinds, true))
	for name := range kinds["ConfigMap"].GetDataMap() {
		if rows[name].value == "***" {
			t.Errorf("%s is a secret, and stands in %s/settings.env", name, filepath.Join(kubernetesFolder, overlay))
		}
	}
	for _, variable := range at[[]variable](t, kinds, container0+"env") {
		secret := variable.ValueFrom.SecretKeyRef
		switch {
		case slices.Contains([]string{"MEMORY_LIMIT_MIB", "GOMEMLIMIT"}, variable.Name):
		case secret.Key != variable.Name || secret.Name != "journey-api" || rows[variable.Name].value != "***":
			t.Errorf("%s is %q of Secret %q", variable.Name, secret.Key, secret.Name)
		}
	}
}

// closing is what a fetch of the keys under way, the last traces and the driver of Neo4j may take, 2 s each, and the pages
// of operators.
const closing = 7 * time.Second

func TestThePodIsGivenTheTimeToDrain(t *testing.T) {
	kinds := production(t)
	rows := inForce(t, deployedSettings(t, kinds, false))
	needed := closing
	for _, name := range []string{"DRAIN_DELAY", "SHUTDOWN_TIMEOUT"} {
		duration, err := time.ParseDuration(rows[name].value)
		if err != nil {
			t.Fatal(err)
		}
		needed += duration
	}
	seconds := at[int](t, kinds, "Deployment spec template spec terminationGracePeriodSeconds")
	if given := time.Duration(seconds) * time.Second; given <= needed {
		t.Errorf("it may take %s, and is killed after %s", needed, given)
	}
}

func TestEveryPortIsOneThatTheServiceListensOn(t *testing.T) {
	kinds := production(t)
	rows := inForce(t, deployedSettings(t, kinds, false))
	host, metrics, err := net.SplitHostPort(rows["METRICS_ADDR"].value)
	if err != nil || host != "" {
		t.Errorf("metrics are served on %q (%v)", host, err)
	}
	got := map[string]string{}
	for _, port := range at[[]struct {
		Name          string
		ContainerPort int
	}](t, kinds, container0+"ports") {
		got[port.Name] = strconv.Itoa(port.ContainerPort)
	}
	if diff := cmp.Diff(map[string]string{"http": rows["API_PORT"].value, "metrics": metrics}, got); diff != "" {
		t.Errorf("(-settings +ports):\n%s", diff)
	}
	wantAt(t, kinds, map[string]any{
		container0 + "readinessProbe httpGet port": "http",
		container0 + "livenessProbe httpGet port":  "http",
		"Service spec ports":                       []any{map[string]any{"name": "http", "port": 80., "targetPort": "http"}},
		"NetworkPolicy spec ingress 0":             map[string]any{"ports": []any{map[string]any{"port": "http"}}},
		"NetworkPolicy spec ingress 1 ports":       []any{map[string]any{"port": "metrics"}},
	})
	if rules := at[[]struct{ From []any }](t, kinds, "NetworkPolicy spec ingress"); len(rules) != 2 || len(rules[1].From) == 0 {
		t.Errorf("the network policy lets in %v", rules)
	}
}

// memoryOf returns the container's memory limit and what Kubernetes makes of its GOMEMLIMIT, in bytes: it divides the limit
// by the divisor, puts the quotient into MEMORY_LIMIT_MIB, and that into GOMEMLIMIT.
func memoryOf(t *testing.T, kinds objects) (limit, garbage int) {
	t.Helper()
	variables := map[string]variable{}
	for _, variable := range at[[]variable](t, kinds, container0+"env") {
		variables[variable.Name] = variable
	}
	mebibytes, found := strings.CutSuffix(at[string](t, kinds, container0+"resources limits memory"), "Mi")
	part := variables["MEMORY_LIMIT_MIB"].ValueFrom.ResourceFieldRef
	if !found || part.Resource != "limits.memory" || part.Divisor != "1Mi" {
		t.Fatalf("the limit is %q MiB, its part %q", mebibytes, part)
	}
	limit, err := strconv.Atoi(mebibytes)
	if err != nil {
		t.Fatal(err)
	}
	garbage, err = strconv.Atoi(strings.Replace(variables["GOMEMLIMIT"].Value, "$(MEMORY_LIMIT_MIB)", mebibytes, 1))
	if err != nil {
		t.Fatal(err)
	}
	return limit << 20, garbage
}

func TestWhatCallersCanMakeACopyHoldFitsIntoItsMemory(t *testing.T) {
	kinds := production(t)
	limit, garbage := memoryOf(t, kinds)
	if share := float64(garbage) / float64(limit); share < 0.9 || share > 0.96 {
		t.Errorf("GOMEMLIMIT is %.2f of the limit, and a twentieth is for what Go does not count", share)
	}
	said := regexp.MustCompile(`Memory that callers can make it hold: ([0-9]+) MiB`).
		FindStringSubmatch(configured(t, deployedSettings(t, kinds, false)))
	if said == nil {
		t.Fatal("`journey-api config` does not say how much memory callers can make it hold")
	}
	if most, err := strconv.Atoi(said[1]); err != nil || most<<20 > garbage {
		t.Errorf("callers can make it hold %s MiB, and it has %d", said[1], garbage>>20)
	}
}
