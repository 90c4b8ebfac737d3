// Package config reads the service's settings: environment beats .env beats defaults, and what is set but empty counts
// as unset. One table (Reference) is the source of every name, default and rule: Load, the faults, .env.example, the
// settings page of the documentation and the `config` subcommand all come from it.
//
// A setting is parsed once, here; Load returns plain typed values. Nothing in this package reads the process's
// environment: the caller passes it in.
package config
