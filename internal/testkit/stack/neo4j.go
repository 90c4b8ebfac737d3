package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
)

func neo4jServer() server {
	return server{
		name:    Neo4j,
		title:   "Neo4j " + neo4jVersion,
		setting: "NEO4J_URI",
		address: func(s *Stack) (string, error) { return s.Neo4j.address() },
		shared:  func(s *Stack) any { return s.Neo4j },
		check:   func(s *Stack) error { return s.Neo4j.check() },
		fetch:   func(ctx context.Context, s *Stack) error { return s.fetchNeo4j(ctx) },
		command: neo4jCommand,
		ready:   neo4jReady,
		within:  90 * time.Second,
		ending:  syscall.SIGTERM,
	}
}

func neo4jCommand(ctx context.Context, s *Stack) (*exec.Cmd, error) {
	if owner, err := os.ReadFile(s.neo4jOwner()); err == nil && string(owner) != s.neo4jCredentials() {
		return nil, s.otherPassword()
	}
	java, err := findJava()
	if err != nil {
		return nil, err
	}
	address, err := s.Neo4j.address()
	if err != nil {
		return nil, err
	}
	home := filepath.Join(s.dir, "neo4j")
	conf := filepath.Join(home, "conf")
	if err := os.MkdirAll(conf, 0o700); err != nil {
		return nil, err
	}
	for name, content := range neo4jConf(address) {
		if err := writeFile(filepath.Join(conf, name), []byte(content)); err != nil {
			return nil, err
		}
	}
	if s.neo4jIsFresh() {
		if err := s.setFirstPassword(ctx, java, home, conf); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command(java, "-Xmx768m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
		"--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
		"-cp", filepath.Join(s.neo4jPrograms(), "*"), "org.neo4j.server.CommunityEntryPoint",
		"--home-dir="+home, "--config-dir="+conf, "--console-mode")
	cmd.Dir, cmd.Env = home, environment()
	return cmd, nil
}

// neo4jConf is a small database for one developer, without telemetry and with quiet logs.
func neo4jConf(address string) map[string]string {
	return map[string]string{
		"neo4j.conf": `server.bolt.listen_address=` + address + `
server.bolt.advertised_address=` + address + `
server.http.enabled=false
dbms.usage_report.enabled=false
dbms.security.auth_minimum_password_length=1
server.memory.pagecache.size=64m
db.tx_log.preallocate=false
internal.server.bolt.connection_shutdown_wait_time=1s
internal.server.bolt.thread_pool_shutdown_wait_time=1s
`,
		"server-logs.xml": `<Configuration><Loggers><Root level="WARN"/></Loggers></Configuration>
`,
		"user-logs.xml": `<Configuration>
  <Appenders><Console name="console" target="SYSTEM_OUT"><PatternLayout pattern="%d %-5p %m%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="console"/></Root></Loggers>
</Configuration>
`,
	}
}

func findJava() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		if java, err := exec.LookPath(filepath.Join(home, "bin", "java")); err == nil {
			return java, nil
		}
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return "", errors.New("needs Java 17 or 21 to run, and there is no java in PATH")
	}
	return java, nil
}

// setFirstPassword gives a new Neo4j its password before it is started: one that listened with the password that every
// new one starts with would reject the credentials of whoever waits for it. The password goes through a file, since
// everyone can read a command line.
func (s *Stack) setFirstPassword(ctx context.Context, java, home, conf string) error {
	arguments := filepath.Join(home, "arguments")
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s.Neo4j.Password) + `"`
	if err := writeFile(arguments, []byte("dbms\nset-initial-password\n--\n"+quoted+"\n")); err != nil {
		return err
	}
	defer func() { _ = os.Remove(arguments) }()
	cmd := exec.CommandContext(ctx, java, "-Dfile.encoding=UTF-8", "-cp", filepath.Join(s.neo4jPrograms(), "*"), "org.neo4j.cli.AdminTool", "@"+arguments)
	cmd.Dir, cmd.Env = home, append(environment(), "NEO4J_HOME="+home, "NEO4J_CONF="+conf)
	if err := cmd.Run(); err != nil { // its words may hold the password
		return fmt.Errorf("its first password could not be set: %w", err)
	}
	return nil
}

// neo4jReady asks the database a question. The first time it also adds the user of the settings.
func neo4jReady(ctx context.Context, s *Stack) error {
	fresh := s.neo4jIsFresh()
	if fresh {
		if err := s.addUser(ctx); err != nil {
			return err
		}
	}
	err := s.Neo4j.query(ctx, "", "RETURN 1", nil)
	switch {
	case hasCode(err, "Security.Unauthorized"), hasCode(err, "Security.CredentialsExpired"):
		return finalError{s.otherPassword()}
	case err != nil || !fresh:
		return err
	}
	return writeFile(s.neo4jOwner(), []byte(s.neo4jCredentials()))
}

// neo4jIsFresh reports whether no Neo4j was ever ready here.
func (s *Stack) neo4jIsFresh() bool {
	_, err := os.Stat(s.neo4jOwner())
	return err != nil
}

// addUser adds the user of the settings, if that is not neo4j, who is always there. It may be repeated.
func (s *Stack) addUser(ctx context.Context) error {
	admin := Neo4jSettings{URI: s.Neo4j.URI, Username: "neo4j", Password: s.Neo4j.Password}
	if s.Neo4j.Username == admin.Username {
		return nil
	}
	return admin.query(ctx, "system", "CREATE USER $name IF NOT EXISTS SET PASSWORD $password CHANGE NOT REQUIRED",
		map[string]any{"name": s.Neo4j.Username, "password": s.Neo4j.Password})
}

func (s Neo4jSettings) query(ctx context.Context, database, text string, parameters map[string]any) error {
	driver, err := neo4j.NewDriverWithContext(s.URI, neo4j.BasicAuth(s.Username, s.Password, ""),
		func(c *config.Config) {
			c.SocketConnectTimeout, c.ConnectionAcquisitionTimeout = time.Second, 3*time.Second
			c.TelemetryDisabled = true
		})
	if err != nil {
		return finalError{err}
	}
	defer func() { _ = driver.Close(context.WithoutCancel(ctx)) }()
	session := driver.NewSession(ctx, neo4j.SessionConfig{DatabaseName: database})
	defer func() { _ = session.Close(context.WithoutCancel(ctx)) }()
	result, err := session.Run(ctx, text, parameters)
	if err != nil {
		return err
	}
	_, err = result.Consume(ctx)
	return err
}

func hasCode(err error, code string) bool {
	var fault *neo4j.Neo4jError
	return errors.As(err, &fault) && strings.HasSuffix(fault.Code, code)
}

// neo4jOwner is a file beside the data: whose they are, without saying it.
func (s *Stack) neo4jOwner() string { return filepath.Join(s.dir, "neo4j", "credentials.sha256") }

func (s *Stack) neo4jCredentials() string {
	sum := sha256.Sum256([]byte(s.Neo4j.Username + "\x00" + s.Neo4j.Password))
	return hex.EncodeToString(sum[:])
}

func (s *Stack) otherPassword() error {
	return fmt.Errorf("its data belong to another NEO4J_USERNAME or NEO4J_PASSWORD than the present ones: "+
		"put those back, or begin anew with empty databases: make stack-stop && rm -r %s", s.dir)
}
