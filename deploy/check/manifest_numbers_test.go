//go:build unix

package check

import (
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// closing is what a fetch of the keys under way, the last traces and the driver of Neo4j may take, 2 s each, and the pages
// of operators.
const closing = 7 * time.Second

func seconds(t *testing.T, duration string) time.Duration {
	t.Helper()
	parsed, err := time.ParseDuration(duration)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestThePodIsGivenTheTimeToDrain(t *testing.T) {
	kinds := manifests(t)
	rows := inForce(t, deployedSettings(kinds, false))
	needed := seconds(t, rows["DRAIN_DELAY"][0]) + seconds(t, rows["SHUTDOWN_TIMEOUT"][0]) + closing
	given := time.Duration(podOf(kinds).TerminationGracePeriodSeconds) * time.Second
	if given <= needed {
		t.Errorf("it may take %s, and is killed after %s", needed, given)
	}
}

func TestEveryPortIsOneThatTheServiceListensOn(t *testing.T) {
	kinds := manifests(t)
	pod := podOf(kinds).Containers[0]
	rows := inForce(t, deployedSettings(kinds, false))
	host, metrics, err := net.SplitHostPort(rows["METRICS_ADDR"][0])
	if err != nil || host != "" {
		t.Errorf("metrics are served on %q: %v", host, err)
	}
	got := map[string]string{}
	for _, port := range pod.Ports {
		got[port.Name] = strconv.Itoa(port.ContainerPort)
	}
	if diff := cmp.Diff(map[string]string{"http": rows["API_PORT"][0], "metrics": metrics}, got); diff != "" {
		t.Errorf("(-settings +ports):\n%s", diff)
	}
	var ingress []string
	for _, rule := range kinds["NetworkPolicy"].Spec.Ingress {
		ingress = append(ingress, rule.Ports[0].Port)
	}
	named := []any{
		pod.ReadinessProbe.HTTPGet.Port, pod.LivenessProbe.HTTPGet.Port, kinds["Service"].Spec.Ports[0].TargetPort,
		len(kinds["Service"].Spec.Ports), ingress, rows["DEBUG_ADDR"][0],
	}
	if diff := cmp.Diff([]any{"http", "http", "http", 1, []string{"http", "metrics"}, ""}, named); diff != "" {
		t.Errorf("probes, service, network policy, DEBUG_ADDR (-want +got):\n%s", diff)
	}
}

// memoryOf returns the container's memory limit and what Kubernetes makes of its GOMEMLIMIT: it divides the limit by the
// divisor, puts the quotient into MEMORY_LIMIT_MIB, and that into GOMEMLIMIT.
func memoryOf(t *testing.T, pod podContainer) (limit, garbage int) {
	t.Helper()
	variables := map[string]string{}
	for _, variable := range pod.Env {
		variables[variable.Name] = variable.Value + variable.ValueFrom.ResourceFieldRef.Resource + variable.ValueFrom.ResourceFieldRef.Divisor
	}
	mebibytes, found := strings.CutSuffix(pod.Resources.Limits["memory"], "Mi")
	if !found || variables["MEMORY_LIMIT_MIB"] != "limits.memory1Mi" {
		t.Fatalf("the limit is %q, its part %q", pod.Resources.Limits["memory"], variables["MEMORY_LIMIT_MIB"])
	}
	limit, err := strconv.Atoi(mebibytes)
	if err != nil {
		t.Fatal(err)
	}
	garbage, err = strconv.Atoi(strings.Replace(variables["GOMEMLIMIT"], "$(MEMORY_LIMIT_MIB)", mebibytes, 1))
	if err != nil {
		t.Fatal(err)
	}
	return limit << 20, garbage
}

func TestGOMEMLIMITLeavesATwentiethOfTheMemoryToOthers(t *testing.T) {
	limit, garbage := memoryOf(t, podOf(manifests(t)).Containers[0])
	if share := float64(garbage) / float64(limit); share < 0.9 || share > 0.96 {
		t.Errorf("GOMEMLIMIT is %.2f of the limit", share)
	}
}

func TestWhatCallersCanMakeACopyHoldFitsIntoItsMemory(t *testing.T) {
	kinds := manifests(t)
	said := regexp.MustCompile(`Memory that callers can make it hold: ([0-9]+) MiB`).FindStringSubmatch(configured(t, deployedSettings(kinds, false)))
	if said == nil {
		t.Fatal("`journey-api config` does not say how much memory callers can make it hold")
	}
	most, err := strconv.Atoi(said[1])
	if err != nil {
		t.Fatal(err)
	}
	_, garbage := memoryOf(t, podOf(kinds).Containers[0])
	if most<<20 > garbage {
		t.Errorf("callers can make it hold %d MiB, and it has %d", most, garbage>>20)
	}
}
