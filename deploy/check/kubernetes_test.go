package check

import (
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

const (
	baseFolder     = "deploy/kubernetes/base"
	manifestFolder = "deploy/kubernetes/overlays/production"
)

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
		Ports                    []struct {
			Port       int
			TargetPort string
		}
		Ingress             []struct{ Ports []struct{ Port string } }
		PodMetricsEndpoints []struct{ Port string }
		Rules               []struct {
			BackendRefs []struct {
				Name string
				Port int
			}
		}
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

type containerPort struct {
	Name          string
	ContainerPort int
}

type podContainer struct {
	Image   string
	Ports   []containerPort
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
	return rendered(t, filesys.MakeFsOnDisk(), filepath.Join(root, manifestFolder))
}

// rendered are the objects of a kustomization, by kind.
func rendered(t *testing.T, files filesys.FileSystem, folder string) map[string]manifest {
	t.Helper()
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, folder)
	if err != nil {
		t.Fatal(err)
	}
	text, err := objects.AsYaml()
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
