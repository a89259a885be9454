// The names under which the desk uses the API's shapes.
import type { Schemas } from './client'

export type Agent = Schemas['Agent']
export type AgentState = Schemas['AgentState']
export type Contact = Schemas['Contact']
export type ContactDetail = Schemas['ContactDetail']
export type Customer = Schemas['Customer']
export type CustomerDetail = Schemas['CustomerDetail']
export type DeskSetup = Schemas['DeskSetup']
export type Handoff = Schemas['Handoff']
export type Message = Schemas['Message']
export type Offer = Schemas['Offer']
export type Order = Schemas['Order']
export type Queue = Schemas['Queue']
export type QueueLine = Schemas['QueueLine']
export type OwnReply = Schemas['OwnReply']
export type Ticket = Schemas['Ticket']
export type TicketDetail = Schemas['TicketDetail']
export type Timeline = Schemas['Timeline']
export type Work = Schemas['Work']

export type Presence = 'available' | 'break' | 'offline'
export type Role = 'agent' | 'supervisor' | 'administrator'
