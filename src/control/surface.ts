import type { Event } from '../model/event.ts';
import type { ExpositionFormat } from '../telemetry/exposition.ts';
import type { Answered } from './answered.ts';
import type {
  AcknowledgeRequest,
  CommandAnswer,
  CommandRequest,
  ConfigAnswer,
  EventsQuery,
  IncidentAnswer,
  IncidentsAnswer,
  QuitAnswer,
  ReloadAnswer,
  SilenceRequest,
  SilencesAnswer,
  Status,
  Summary,
  WhyAnswer,
} from './api.ts';

/** What the agent offers to those who may open its socket. The server only turns HTTP into calls of this. */
export interface ControlSurface {
  summary(): Summary;
  /** Figures for Prometheus, as text. */
  metrics(format: ExpositionFormat): string;
  status(service: string | undefined): Answered<Status>;
  command(request: CommandRequest): Promise<Answered<CommandAnswer>>;
  reload(by: string): Promise<Answered<ReloadAnswer>>;
  quit(by: string): QuitAnswer;
  /** What is stored, oldest first. */
  events(query: EventsQuery): readonly Event[];
  /** Calls back with each new event until the returned function is called. */
  follow(told: (event: Event) => void): () => void;
  incidents(query: { readonly all: boolean; readonly service?: string }): Answered<IncidentsAnswer>;
  incident(id: string): Promise<Answered<IncidentAnswer>>;
  why(service: string, check: string | undefined): Answered<WhyAnswer>;
  acknowledge(request: AcknowledgeRequest): Answered<IncidentAnswer>;
  silences(): SilencesAnswer;
  silence(request: SilenceRequest): Answered<SilencesAnswer>;
  unsilence(id: string, by: string): Answered<SilencesAnswer>;
  config(): ConfigAnswer;
}
