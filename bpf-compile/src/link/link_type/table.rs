//! The assigned link types: value, name, what it is; sorted by value.
//!
//! Values are the DLT values of Linux, names are those of pcap without `DLT_`. A row is also the constant
//! `LinkType::NAME`.

use super::LinkType;

/// One assigned link type.
pub(super) struct Row {
    /// The DLT value.
    pub(super) value: u16,
    /// The name without prefix.
    pub(super) name: &'static str,
    /// What it is, in a few words.
    pub(super) description: &'static str,
}

macro_rules! link_types {
    ($($value:literal $name:ident $description:literal;)*) => {
        /// The assigned link types.
        impl LinkType {
            $(#[doc = $description]
            pub const $name: Self = Self($value);)*
        }

        /// All rows in ascending order of value.
        pub(super) const ROWS: &[Row] =
            &[$(Row { value: $value, name: stringify!($name), description: $description },)*];
    };
}

link_types! {
    0 NULL "BSD loopback, address family in the byte order of the writer";
    1 EN10MB "Ethernet";
    2 EN3MB "experimental 3 Mb/s Ethernet";
    3 AX25 "amateur radio AX.25";
    4 PRONET "Proteon ProNET token ring";
    5 CHAOS "MIT Chaosnet";
    6 IEEE802 "IEEE 802.5 token ring";
    7 ARCNET "ARCNET with BSD headers";
    8 SLIP "SLIP";
    9 PPP "PPP";
    10 FDDI "FDDI";
    11 ATM_RFC1483 "ATM with LLC encapsulation of RFC 1483";
    12 RAW "IPv4 or IPv6 without a link header";
    15 SLIP_BSDOS "SLIP of BSD/OS";
    16 PPP_BSDOS "PPP of BSD/OS";
    19 ATM_CLIP "classical IP over ATM of Linux";
    32 REDBACK_SMARTEDGE "Redback SmartEdge 400/800";
    50 PPP_SERIAL "PPP in HDLC framing on a serial line";
    51 PPP_ETHER "PPP over Ethernet";
    99 SYMANTEC_FIREWALL "Symantec Enterprise Firewall";
    104 C_HDLC "Cisco HDLC";
    105 IEEE802_11 "IEEE 802.11 without radio header";
    107 FRELAY "Frame Relay";
    108 LOOP "OpenBSD loopback, address family in network byte order";
    109 ENC "OpenBSD IPsec with encapsulation header";
    110 LANE8023 "ATM LAN emulation with IEEE 802.3";
    111 HIPPI "HIPPI of NetBSD";
    112 HDLC "HDLC framing of NetBSD";
    113 LINUX_SLL "Linux \"cooked\" capture, version 1";
    114 LTALK "Apple LocalTalk";
    115 ECONET "Acorn Econet";
    116 IPFILTER "log of IP Filter";
    117 PFLOG "log of the packet filter pf";
    118 CISCO_IOS "internal to Cisco IOS";
    119 PRISM_HEADER "IEEE 802.11 with Prism II header";
    120 AIRONET_HEADER "IEEE 802.11 with Aironet header";
    121 HHDLC "HiPath HDLC of Siemens";
    122 IP_OVER_FC "IP over Fibre Channel of RFC 2625";
    123 SUNATM "ATM of SunATM";
    124 RIO "RapidIO";
    125 PCI_EXP "PCI Express";
    126 AURORA "Xilinx Aurora";
    127 IEEE802_11_RADIO "IEEE 802.11 with radiotap header";
    128 TZSP "TaZmen Sniffer Protocol";
    129 ARCNET_LINUX "ARCNET with Linux headers";
    130 JUNIPER_MLPPP "Juniper multilink PPP";
    131 JUNIPER_MLFR "Juniper multilink Frame Relay";
    132 JUNIPER_ES "Juniper encryption services";
    133 JUNIPER_GGSN "Juniper GGSN";
    134 JUNIPER_MFR "Juniper Frame Relay of FRF.16";
    135 JUNIPER_ATM2 "Juniper ATM2";
    136 JUNIPER_SERVICES "Juniper adaptive services";
    137 JUNIPER_ATM1 "Juniper ATM1";
    138 APPLE_IP_OVER_IEEE1394 "Apple IP over FireWire";
    139 MTP2_WITH_PHDR "SS7 MTP2 after a pseudo-header";
    140 MTP2 "SS7 MTP2";
    141 MTP3 "SS7 MTP3";
    142 SCCP "SS7 SCCP";
    143 DOCSIS "DOCSIS MAC frames";
    144 LINUX_IRDA "IrDA of Linux";
    145 IBM_SP "IBM SP switch";
    146 IBM_SN "IBM Next Federation switch";
    147 USER0 "private use 0";
    148 USER1 "private use 1";
    149 USER2 "private use 2";
    150 USER3 "private use 3";
    151 USER4 "private use 4";
    152 USER5 "private use 5";
    153 USER6 "private use 6";
    154 USER7 "private use 7";
    155 USER8 "private use 8";
    156 USER9 "private use 9";
    157 USER10 "private use 10";
    158 USER11 "private use 11";
    159 USER12 "private use 12";
    160 USER13 "private use 13";
    161 USER14 "private use 14";
    162 USER15 "private use 15";
    163 IEEE802_11_RADIO_AVS "IEEE 802.11 with AVS header";
    164 JUNIPER_MONITOR "Juniper passive monitoring";
    165 BACNET_MS_TP "BACnet MS/TP";
    166 PPP_PPPD "PPP of pppd, direction in the first byte";
    167 JUNIPER_PPPOE "Juniper PPPoE";
    168 JUNIPER_PPPOE_ATM "Juniper PPPoE over ATM";
    169 GPRS_LLC "GPRS LLC";
    170 GPF_T "GFP-T of ITU-T G.7041";
    171 GPF_F "GFP-F of ITU-T G.7041";
    172 GCOM_T1E1 "Gcom T1/E1 line monitor";
    173 GCOM_SERIAL "Gcom serial line monitor";
    174 JUNIPER_PIC_PEER "Juniper communication between PICs";
    175 ERF_ETH "Ethernet with Endace ERF header";
    176 ERF_POS "packet over SONET with Endace ERF header";
    177 LINUX_LAPD "ISDN LAPD of Linux";
    178 JUNIPER_ETHER "Juniper Ethernet";
    179 JUNIPER_PPP "Juniper PPP";
    180 JUNIPER_FRELAY "Juniper Frame Relay";
    181 JUNIPER_CHDLC "Juniper Cisco HDLC";
    182 MFR "multilink Frame Relay of FRF.16";
    183 JUNIPER_VP "Juniper voice";
    184 A429 "ARINC 429";
    185 A653_ICM "ARINC 653 messages between partitions";
    186 USB_FREEBSD "USB with FreeBSD header";
    187 BLUETOOTH_HCI_H4 "Bluetooth HCI over UART";
    188 IEEE802_16_MAC_CPS "IEEE 802.16 MAC common part";
    189 USB_LINUX "USB with Linux header of 48 bytes";
    190 CAN20B "CAN 2.0B";
    191 IEEE802_15_4_LINUX "IEEE 802.15.4 with address padding of Linux";
    192 PPI "per-packet information header";
    193 IEEE802_16_MAC_CPS_RADIO "IEEE 802.16 MAC common part with radio header";
    194 JUNIPER_ISM "Juniper integrated services";
    195 IEEE802_15_4 "IEEE 802.15.4 with FCS";
    196 SITA "SITA WAN header";
    197 ERF "Endace ERF records";
    198 RAIF1 "Ethernet with u10 Networks header";
    199 IPMB_KONTRON "IPMB with Kontron header";
    200 JUNIPER_ST "Juniper secure tunnel";
    201 BLUETOOTH_HCI_H4_WITH_PHDR "Bluetooth HCI over UART after a direction word";
    202 AX25_KISS "AX.25 with KISS header";
    203 LAPD "ISDN LAPD";
    204 PPP_WITH_DIR "PPP after a direction byte";
    205 C_HDLC_WITH_DIR "Cisco HDLC after a direction byte";
    206 FRELAY_WITH_DIR "Frame Relay after a direction byte";
    207 LAPB_WITH_DIR "X.25 LAPB after a direction byte";
    209 IPMB_LINUX "IPMB with Linux header";
    210 FLEXRAY "FlexRay";
    211 MOST "MOST automotive bus";
    212 LIN "LIN automotive bus";
    213 X2E_SERIAL "X2E serial line";
    214 X2E_XORAYA "X2E Xoraya data logger";
    215 IEEE802_15_4_NONASK_PHY "IEEE 802.15.4 with physical header, not ASK";
    216 LINUX_EVDEV "Linux input events";
    217 GSMTAP_UM "GSM Um with GSMTAP header";
    218 GSMTAP_ABIS "GSM Abis with GSMTAP header";
    219 MPLS "MPLS labels as link header";
    220 USB_LINUX_MMAPPED "USB with Linux header of 64 bytes";
    221 DECT "DECT with pseudo-header";
    222 AOS "AOS space data link";
    223 WIHART "WirelessHART";
    224 FC_2 "Fibre Channel FC-2";
    225 FC_2_WITH_FRAME_DELIMS "Fibre Channel FC-2 with frame delimiters";
    226 IPNET "Solaris ipnet";
    227 CAN_SOCKETCAN "CAN with SocketCAN header";
    228 IPV4 "IPv4 without a link header";
    229 IPV6 "IPv6 without a link header";
    230 IEEE802_15_4_NOFCS "IEEE 802.15.4 without FCS";
    231 DBUS "D-Bus messages";
    232 JUNIPER_VS "Juniper virtual server";
    233 JUNIPER_SRX_E2E "Juniper SRX end to end";
    234 JUNIPER_FIBRECHANNEL "Juniper Fibre Channel";
    235 DVB_CI "DVB common interface";
    236 MUX27010 "multiplexing of 3GPP TS 27.010";
    237 STANAG_5066_D_PDU "D_PDUs of STANAG 5066";
    238 JUNIPER_ATM_CEMIC "Juniper ATM CE MIC";
    239 NFLOG "Linux netfilter log";
    240 NETANALYZER "Ethernet with netANALYZER header";
    241 NETANALYZER_TRANSPARENT "Ethernet with netANALYZER header, preamble and start delimiter";
    242 IPOIB "IP over InfiniBand of RFC 4391";
    243 MPEG_2_TS "MPEG-2 transport stream";
    244 NG40 "Iub/Iur of the ng40 tester";
    245 NFC_LLCP "NFC LLCP with pseudo-header";
    246 PFSYNC "state exchange of pf";
    247 INFINIBAND "InfiniBand";
    248 SCTP "SCTP without IP";
    249 USBPCAP "USB with USBPcap header";
    250 RTAC_SERIAL "serial line of SEL RTAC";
    251 BLUETOOTH_LE_LL "Bluetooth Low Energy link layer";
    252 WIRESHARK_UPPER_PDU "upper-layer data exported by Wireshark";
    253 NETLINK "Linux netlink";
    254 BLUETOOTH_LINUX_MONITOR "Linux Bluetooth monitor";
    255 BLUETOOTH_BREDR_BB "Bluetooth BR/EDR baseband";
    256 BLUETOOTH_LE_LL_WITH_PHDR "Bluetooth Low Energy link layer with pseudo-header";
    257 PROFIBUS_DL "PROFIBUS data link";
    258 PKTAP "Apple PKTAP";
    259 EPON "Ethernet with EPON preamble";
    260 IPMI_HPM_2 "IPMI trace of HPM.2";
    261 ZWAVE_R1_R2 "Z-Wave radio R1 and R2";
    262 ZWAVE_R3 "Z-Wave radio R3";
    263 WATTSTOPPER_DLM "WattStopper lighting management";
    264 ISO_14443 "ISO 14443 contactless cards";
    265 RDS "Radio Data System groups";
    266 USB_DARWIN "USB with Darwin header";
    267 OPENFLOW "OpenFlow of OpenBSD";
    268 SDLC "IBM SDLC";
    269 TI_LLN_SNIFFER "TI low-power network sniffer";
    270 LORATAP "LoRa with LoRaTap header";
    271 VSOCK "Linux virtual machine sockets";
    272 NORDIC_BLE "Nordic Bluetooth Low Energy sniffer";
    273 DOCSIS31_XRA31 "DOCSIS 3.1 of the Excentis XRA-31";
    274 ETHERNET_MPACKET "IEEE 802.3br mPackets";
    275 DISPLAYPORT_AUX "DisplayPort AUX channel";
    276 LINUX_SLL2 "Linux \"cooked\" capture, version 2";
    277 SERCOS_MONITOR "Sercos monitor";
    278 OPENVIZSLA "USB of OpenVizsla";
    279 EBHSCR "Elektrobit high speed capture and replay";
    280 VPP_DISPATCH "VPP graph dispatch trace";
    281 DSA_TAG_BRCM "Ethernet with Broadcom switch tag inside";
    282 DSA_TAG_BRCM_PREPEND "Ethernet with Broadcom switch tag in front";
    283 IEEE802_15_4_TAP "IEEE 802.15.4 with TAP header";
    284 DSA_TAG_DSA "Ethernet with Marvell DSA tag";
    285 DSA_TAG_EDSA "Ethernet with Marvell EDSA tag";
    286 ELEE "ELEE lawful interception";
    287 Z_WAVE_SERIAL "Z-Wave between host and chip";
    288 USB_2_0 "USB 1.x and 2.0 as on the wire";
    289 ATSC_ALP "ATSC link-layer protocol";
    290 ETW "Event Tracing for Windows";
    291 NETANALYZER_NG "netANALYZER NG";
    292 ZBOSS_NCP "serial protocol of the ZBOSS Zigbee stack";
    293 USB_2_0_LOW_SPEED "USB 2.0 on the wire, low speed";
    294 USB_2_0_FULL_SPEED "USB 2.0 on the wire, full speed";
    295 USB_2_0_HIGH_SPEED "USB 2.0 on the wire, high speed";
    296 AUERSWALD_LOG "Auerswald log";
    297 ZWAVE_TAP "Z-Wave with TAP header";
    298 SILABS_DEBUG_CHANNEL "Silicon Labs debug channel";
    299 FIRA_UCI "FiRa ultra-wideband controller interface";
    300 MDB "MDB of vending machines";
    301 DECT_NR "DECT-2020 New Radio";
}
