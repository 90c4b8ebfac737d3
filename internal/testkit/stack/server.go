package stack

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// Name is the name of one server, as ONLY=… and the tests spell it.
type Name string

// The servers.
const (
	Neo4j     Name = "neo4j"
	Postgres  Name = "postgres"
	PostgREST Name = "postgrest"
	Gateway   Name = "gateway"
)

// UnmarshalText refuses names that no server has.
func (n *Name) UnmarshalText(text []byte) error {
	*n = Name(text)
	err := known(*n)
	return err
}

// server is the definition of one server.
type server struct {
	name    Name
	title   string
	needs   []Name                       // must run before it starts
	setting string                       // where its address comes from
	address func(*Stack) (string, error) // host:port
	shared  func(*Stack) any             // the settings that must not change while it runs
	check   func(*Stack) error           // faults of those settings
	fetch   func(context.Context, *Stack) error
	command func(context.Context, *Stack) (*exec.Cmd, error) // prepares its folder
	ready   func(context.Context, *Stack) error              // nil once it answers; finalErrors end the wait
	within  time.Duration                                    // to become ready
	ending  syscall.Signal                                   // asks it to end
}

// servers in the order in which they are listed; they are stopped in the reverse one.
func servers() []server {
	return []server{neo4jServer(), postgresServer(), postgrestServer(), gatewayServer()}
}

func known(name Name) error {
	if !slices.ContainsFunc(servers(), func(sv server) bool { return sv.name == name }) {
		return fmt.Errorf("there is no server %q: neo4j, postgres, postgrest or gateway", name)
	}
	return nil
}

// named gives the servers of these names in their order, all of them for none.
func named(names []Name) ([]server, error) {
	for _, name := range names {
		if err := known(name); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(servers(), func(sv server) bool {
		return len(names) > 0 && !slices.Contains(names, sv.name)
	}), nil
}
