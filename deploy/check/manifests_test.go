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

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

const manifestFolder = "deploy/kubernetes"

// manifest is what the tests look at of an object, of whatever kind it is.
type manifest struct {
	Kind     string
	Metadata struct{ Name, Namespace string }
	Data     map[string]string
	Spec     struct {
		Template struct {
			Metadata labelled
			Spec     podSpec
		}
		Selector                 map[string]any
		PodSelector              map[string]any
		ScaleTargetRef           struct{ Kind, Name string }
		MinReplicas, MaxReplicas int
		MaxUnavailable           int
		Ports                    []struct{ TargetPort string }
		Ingress                  []struct{ Ports []struct{ Port string } }
	}
}

type labelled struct{ Labels map[string]any }

type podSpec struct {
	AutomountServiceAccountToken  *bool
	EnableServiceLinks            *bool
	TerminationGracePeriodSeconds int
	SecurityContext               map[string]any
	Containers                    []podContainer
}

type podContainer struct {
	Image string
	Ports []struct {
		Name          string
		ContainerPort int
	}
	EnvFrom []struct{ ConfigMapRef struct{ Name string } }
	Env     []struct {
		Name, Value string
		ValueFrom   struct {
			SecretKeyRef struct {
				Name, Key string
				Optional  bool
			}
			ResourceFieldRef struct{ Resource, Divisor string }
		}
	}
	ReadinessProbe, LivenessProbe struct{ HTTPGet struct{ Path, Port string } }
	Resources                     struct{ Limits map[string]string }
	SecurityContext               map[string]any
}

// manifests are what `kubectl apply -k` would apply, by kind.
func manifests(t *testing.T) map[string]manifest {
	t.Helper()
	rendered, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(root, manifestFolder))
	if err != nil {
		t.Fatal(err)
	}
	text, err := rendered.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]manifest{}
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		var object manifest
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		kinds[object.Kind] = object
	}
	return kinds
}

func podOf(kinds map[string]manifest) podSpec { return kinds["Deployment"].Spec.Template.Spec }

func TestKustomizeRendersEveryFileIntoOneNamespaceAndNoSecret(t *testing.T) {
	want := []string{"ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service"}
	kinds := manifests(t)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(kinds))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for kind, object := range kinds {
		if kind != "Namespace" && object.Metadata.Namespace != kinds["Namespace"].Metadata.Name {
			t.Errorf("%s is in namespace %q", kind, object.Metadata.Namespace)
		}
	}
	files, err := filepath.Glob(filepath.Join(root, manifestFolder, "*.yaml"))
	if err != nil || len(files) != len(want) { // the kustomization among them, the ConfigMap not
		t.Errorf("%d files for %d objects: %v", len(files), len(want), err)
	}
}

func TestThePodHasNoMoreRightsThanItNeeds(t *testing.T) {
	no := false
	pod := podOf(manifests(t))
	got := []any{pod.AutomountServiceAccountToken, pod.EnableServiceLinks, pod.SecurityContext, pod.Containers[0].SecurityContext}
	want := []any{&no, &no, map[string]any{
		"runAsNonRoot": true, "runAsUser": 65532., "runAsGroup": 65532., "seccompProfile": map[string]any{"type": "RuntimeDefault"},
	}, map[string]any{
		"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEveryManifestSpeaksOfTheSamePods(t *testing.T) {
	kinds := manifests(t)
	labels := kinds["Deployment"].Spec.Template.Metadata.Labels
	matching := map[string]any{"matchLabels": labels}
	want := []any{matching, labels, matching, matching, "Deployment", kinds["Deployment"].Metadata.Name, kinds["ConfigMap"].Metadata.Name}
	got := []any{
		kinds["Deployment"].Spec.Selector, kinds["Service"].Spec.Selector, kinds["PodDisruptionBudget"].Spec.Selector,
		kinds["NetworkPolicy"].Spec.PodSelector, kinds["HorizontalPodAutoscaler"].Spec.ScaleTargetRef.Kind,
		kinds["HorizontalPodAutoscaler"].Spec.ScaleTargetRef.Name, podOf(kinds).Containers[0].EnvFrom[0].ConfigMapRef.Name,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if budget, least := kinds["PodDisruptionBudget"].Spec.MaxUnavailable, kinds["HorizontalPodAutoscaler"].Spec.MinReplicas; budget >= least {
		t.Errorf("%d of %d copies may be taken away at once", budget, least)
	}
}

// deployedSettings are the variables of the pod's container, with a sample for every secret.
func deployedSettings(kinds map[string]manifest, optionalSecrets bool) map[string]string {
	settings := maps.Clone(kinds["ConfigMap"].Data)
	for _, variable := range podOf(kinds).Containers[0].Env {
		switch secret := variable.ValueFrom.SecretKeyRef; {
		case secret.Key == "":
		case !secret.Optional:
			settings[variable.Name] = "sample-" + secret.Key
		case optionalSecrets:
			settings[variable.Name] = "0f3ZqT8mW1xK7cR5vB9nJ2hL6dS4gY0pA3eU8iO1" + secret.Key
		}
	}
	return settings
}

// inForce runs `journey-api config` with these variables alone and returns its rows, by the setting's name.
func inForce(t *testing.T, settings map[string]string) map[string][]string {
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
	rows := map[string][]string{}
	for _, row := range regexp.MustCompile(`(?m)^([A-Z0-9_]+)\s+(.*?)\s+(environment|default)$`).FindAllStringSubmatch(string(output), -1) {
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
