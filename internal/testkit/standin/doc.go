// Package standin has small servers on loopback in place of Neo4j and of a Supabase project, as far as their clients
// need them. They record their requests for the test.
package standin
