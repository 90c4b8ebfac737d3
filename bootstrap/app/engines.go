package app

import (
	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/adapters/supabasedb"
)

// Dependencies is what engines are built from. All of it is nil if nothing but the documentation is made: building an
// engine and registering its routes may keep it, and not use it.
type Dependencies struct {
	Neo4j    *neo4jdb.Client
	Supabase *supabasedb.Client
}

// Engine is what one engine adds to the service.
type Engine struct {
	// Routes registers what it answers.
	Routes httpapi.Routes
}

// Engines is the list of what runs on the service. The service, the OpenAPI document and the tests are made from it.
func Engines(Dependencies) []Engine { return nil }
